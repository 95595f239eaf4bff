/** Words whose stem the rules get wrong (NLTK's list). */
const irregular = new Map([
  ["skies", "sky"],
  ["sky", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["news", "news"],
  ["innings", "inning"],
  ["inning", "inning"],
  ["outings", "outing"],
  ["outing", "outing"],
  ["cannings", "canning"],
  ["canning", "canning"],
  ["howe", "howe"],
  ["proceed", "proceed"],
  ["exceed", "exceed"],
  ["succeed", "succeed"],
]);

function isConsonant(word: string, at: number): boolean {
  if ("aeiou".includes(word[at]!)) return false;
  return word[at] !== "y" || at === 0 || !isConsonant(word, at - 1);
}

/** `c` and `v` for each letter. */
const shapeOf = (word: string): string =>
  Array.from({ length: word.length }, (_, at) => (isConsonant(word, at) ? "c" : "v")).join("");

/** Number of times that vowels are followed by consonants. */
const measure = (stem: string): number => shapeOf(stem).match(/v+c+/g)?.length ?? 0;
const hasVowel = (stem: string): boolean => shapeOf(stem).includes("v");
const endsDouble = (word: string): boolean =>
  word.length > 1 && word.at(-1) === word.at(-2) && isConsonant(word, word.length - 1);
const endsShort = (word: string): boolean => {
  const shape = shapeOf(word);
  return shape === "vc" || (shape.endsWith("cvc") && !"wxy".includes(word.at(-1)!));
};

type Rule = readonly [suffix: string, replacement: string, holds?: (stem: string) => boolean];

/** The first rule whose suffix fits decides, whether its condition holds or not. */
function apply(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement, holds] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return holds === undefined || holds(stem) ? stem + replacement : word;
  }
  return word;
}

const positive = (stem: string): boolean => measure(stem) > 0;
const beyondOne = (stem: string): boolean => measure(stem) > 1;
const rules = (list: string, holds: (stem: string) => boolean): Rule[] =>
  list.split(" ").map((pair) => {
    const [suffix, replacement] = pair.split(":");
    return [suffix!, replacement!, holds];
  });

function plural(word: string): string {
  if (word.endsWith("ies") && word.length === 4) return `${word.slice(0, -3)}ie`;
  return apply(word, [
    ["sses", "ss"],
    ["ies", "i"],
    ["ss", "ss"],
    ["s", ""],
  ]);
}

function pastAndProgressive(word: string): string {
  if (word.endsWith("ied")) return word.slice(0, -3) + (word.length === 4 ? "ie" : "i");
  if (word.endsWith("eed")) return positive(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const suffix = ["ed", "ing"].find((end) => word.endsWith(end) && hasVowel(word.slice(0, -end.length)));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsDouble(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

const doubleSuffixes = rules(
  "ational:ate tional:tion enci:ence anci:ance izer:ize bli:ble entli:ent eli:e ousli:ous ization:ize ation:ate " +
    "ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive biliti:ble fulli:ful",
  positive,
);

function doubled(word: string): string {
  if (word.endsWith("alli") && positive(word.slice(0, -4))) return doubled(word.slice(0, -2));
  // Of -logi, the l counts to what is measured.
  return apply(word, [...doubleSuffixes, ["logi", "log", (stem) => positive(`${stem}l`)]]);
}

const thirdSuffixes = rules("icate:ic ative: alize:al iciti:ic ical:ic ful: ness:", positive);
const lastSuffixes: readonly Rule[] = [
  ...rules("al: ance: ence: er: ic: able: ible: ant: ement: ment: ent:", beyondOne),
  ["ion", "", (stem) => beyondOne(stem) && /[st]$/.test(stem)],
  ...rules("ou: ism: ate: iti: ous: ive: ize:", beyondOne),
];

function tidied(word: string): string {
  let rest = word;
  if (rest.endsWith("e")) {
    const stem = rest.slice(0, -1);
    if (measure(stem) > 1 || (measure(stem) === 1 && !endsShort(stem))) rest = stem;
  }
  return rest.endsWith("ll") && measure(rest.slice(0, -1)) > 1 ? rest.slice(0, -1) : rest;
}

/**
 * Stem of an English word in lower case (Porter 1980, with the extensions of NLTK's `PorterStemmer`, which ROUGE uses).
 *
 * @example
 * porterStem("effusions"); // "effus"
 */
export function porterStem(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (word.length <= 2) return word;
  const singular = pastAndProgressive(plural(word));
  const stem = singular.slice(0, -1);
  const turnsToI = singular.endsWith("y") && stem.length > 1 && isConsonant(stem, stem.length - 1);
  return tidied(apply(apply(doubled(turnsToI ? `${stem}i` : singular), thirdSuffixes), lastSuffixes));
}
