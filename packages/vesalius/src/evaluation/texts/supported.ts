import { porterStem } from "../metrics/text/porter-stemmer.ts";

/** Words that carry no finding. */
const stopWords = new Set(
  (
    "a about after all also am an and any are as at be because been before being but by can could did do does doing for from " +
    "had has have having he her here hers him his how i if in into is it its just may me more most my no nor not now of on " +
    "once only or other our out over own per she should so some such than that the their them then there these they this " +
    "those to too under up us very was we were what when where which while who will with would yes you your patient doctor"
  ).split(" "),
);

/** Share of the words of a sentence that the source must have. */
const enough = 0.8;

const han = /\p{Script=Han}/u;
const pieces = /\p{N}+(?:[.,]\p{N}+)*|\p{Script=Han}+|[\p{L}\p{M}]+/gu;

/** What sentences say: numbers as they stand, stems of words, pairs of ideographs. */
function contentOf(text: string): { readonly numbers: readonly string[]; readonly words: readonly string[] } {
  const numbers: string[] = [];
  const words: string[] = [];
  for (const [piece] of text.toLowerCase().matchAll(pieces)) {
    if (/^\p{N}/u.test(piece)) numbers.push(piece.replaceAll(",", ""));
    else if (han.test(piece)) {
      const letters = Array.from(piece);
      for (let i = 0; i + 1 < letters.length; i++) words.push(letters[i]! + letters[i + 1]!);
    } else if (!stopWords.has(piece)) words.push(piece.length > 3 ? porterStem(piece) : piece);
  }
  return { numbers, words };
}

/** Sentences of a text, in any script. */
export const sentencesOf = (text: string): string[] =>
  (text.match(/[^.!?。！？\n]+(?:[.!?。！？](?!\s|$)[^.!?。！？\n]*)*[.!?。！？]*/gu) ?? [])
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));

/**
 * How many sentences of a text rest on its source: every number of the sentence stands in the source, and at least four in
 * five of its content words (stems, without words that say nothing; pairs of ideographs in Chinese). A sentence that passes
 * may still say the contrary of its source; one that fails says something that the source has no word for.
 *
 * @example
 * supportedSentences("Aspirin 81 mg daily. No fever.", "I take 81 mg of aspirin daily."); // { supported: 1, sentences: 2 }
 */
export function supportedSentences(
  text: string,
  source: string,
): { readonly supported: number; readonly sentences: number } {
  const known = contentOf(source);
  const [numbers, words] = [new Set(known.numbers), new Set(known.words)];
  const sentences = sentencesOf(text);
  const supported = sentences.filter((sentence) => {
    const said = contentOf(sentence);
    const found = said.words.filter((word) => words.has(word)).length;
    return said.numbers.every((number) => numbers.has(number)) && found >= enough * said.words.length;
  }).length;
  return { supported, sentences: sentences.length };
}
