const units = new Map(
  (
    "zero oh o one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
    "eighteen nineteen"
  )
    .split(" ")
    .map((word, i) => [word, i < 3 ? 0 : i - 2]),
);
const tens = new Map(
  "twenty thirty forty fifty sixty seventy eighty ninety".split(" ").map((word, i) => [word, 10 * (i + 2)]),
);
const ordinals = new Map([
  ...(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth " +
    "sixteenth seventeenth eighteenth nineteenth"
  )
    .split(" ")
    .map((word, i) => [word, i + 1] as const),
  ["twentieth", 20] as const,
  ["thirtieth", 30] as const,
]);
const others = new Map([
  ["once", 1],
  ["twice", 2],
  ["couple", 2],
  ["dozen", 12],
  ["half", 0.5],
]);

/** Whether a word is part of how numbers are spoken. */
export const isNumberWord = (word: string): boolean =>
  units.has(word) || tens.has(word) || ordinals.has(word) || others.has(word) || /^(?:hundred|thousand)s?$/.test(word);

const chineseDigits = new Map(Array.from("零一二三四五六七八九", (letter, i) => [letter, i]));
chineseDigits.set("两", 2).set("〇", 0);

/**
 * A number in Chinese characters up to 9999, as 二十五 or 一百二十; undefined where the characters are none.
 *
 * @example
 * chineseNumber("二十五"); // 25
 */
export function chineseNumber(text: string): number | undefined {
  let [total, digit] = [0, -1];
  for (const letter of text) {
    const scale = { 十: 10, 百: 100, 千: 1000 }[letter];
    const value = chineseDigits.get(letter);
    if (scale !== undefined) {
      total += (digit < 0 ? 1 : digit) * scale;
      digit = -1;
    } else if (value === undefined) return undefined;
    else digit = value;
  }
  return text === "" ? undefined : total + Math.max(0, digit);
}

/** Numbers that are added up: seventy six, two hundred and five; each said by itself otherwise. */
function added(words: readonly string[]): number[] {
  const found: number[] = [];
  let open: { readonly value: number; readonly takes: number } | undefined;
  const close = (): void => {
    if (open !== undefined) found.push(open.value);
    open = undefined;
  };
  for (const word of words) {
    const scale = word.startsWith("hundred") ? 100 : word.startsWith("thousand") ? 1000 : undefined;
    const value = tens.get(word) ?? units.get(word) ?? ordinals.get(word) ?? others.get(word) ?? 0;
    if (scale !== undefined) open = { value: (open?.value ?? 1) * scale, takes: scale };
    else if (open !== undefined && value > 0 && value < open.takes)
      open = { value: open.value + value, takes: value >= 20 && value % 10 === 0 ? 10 : 0 };
    else {
      close();
      open = { value, takes: tens.has(word) ? 10 : 0 };
    }
  }
  close();
  return found;
}

/**
 * What spoken words of a number may mean: the numbers that they add up to, and neighbours one behind the other, as years and
 * blood pressures are said (nineteen ninety five; one twenty).
 *
 * @param words of one run, lower case, without "and"
 *
 * @example
 * spokenNumbers(["seventy", "six"]); // [76]
 * spokenNumbers(["nineteen", "ninety", "five"]); // [19, 95, 1995]
 */
export function spokenNumbers(words: readonly string[]): number[] {
  const parts = added(words);
  const joined = parts.slice(1).map((part, i) => Number(`${parts[i]!}${part}`));
  const whole = parts.length > 2 ? [Number(parts.join(""))] : [];
  return [...new Set([...parts, ...joined, ...whole])].filter(Number.isFinite);
}
