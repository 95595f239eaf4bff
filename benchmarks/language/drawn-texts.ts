import { randomStream } from "vesalius/common";

const SYLLABLES =
  "ba ce di fo gu ha ki lo mu na pe ri so tu va zi car neu ost hep ren gas pul der tox mab ine itis oma".split(" ");

/** Words as a language has them: many short ones that are frequent, and a long tail (Zipf). */
function drawnWords(count: number, seed: number): string[] {
  const random = randomStream(seed, "words");
  return Array.from({ length: count }, (_, rank) =>
    Array.from(
      { length: 1 + Math.min(4, Math.floor(Math.log2(rank + 2) / 3) + random.integer(2)) },
      () => SYLLABLES[random.integer(SYLLABLES.length)]!,
    ).join(""),
  );
}

/** Texts of drawn words with sentences, numbers and brackets, of about `words` words each. */
export function drawnTexts(count: number, words: number, seed: number): string[] {
  const vocabulary = drawnWords(20_000, seed);
  const random = randomStream(seed, "texts");
  const word = (): string => vocabulary[Math.floor(vocabulary.length ** random.uniform()) - 1] ?? vocabulary[0]!;
  return Array.from({ length: count }, () => {
    const parts = Array.from({ length: words }, (_, i) => {
      const drawn = random.integer(40) === 0 ? `(${random.integer(500)} mg)` : word();
      const text = i % 14 === 0 ? drawn.charAt(0).toUpperCase() + drawn.slice(1) : drawn;
      return i % 14 === 13 ? `${text}.` : text;
    });
    return parts.join(" ");
  });
}
