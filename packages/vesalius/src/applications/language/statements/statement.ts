import { porterStem } from "../../../evaluation/index.ts";
import { deniedIn } from "./polarity.ts";
import { inOneSpelling } from "./same-meaning.ts";

/** Words that carry no finding, in questions, answers and notes. */
const empty = new Set(
  (
    "a about after again all also am an and any are as at be because been before being but by can could did do does doing " +
    "for from get go going got had has have having he her here hers him his how i if in into is it its just know let like " +
    "m me more most my no nor not now of okay on once only or other our out over own per please re s say see she should so " +
    "some such t tell than that the their them then there these they thing think this those to today too um under up us ve " +
    "very was we well were what when where which while who will with would yes yeah you your n't don doesn didn isn wasn " +
    "haven hasn hadn won ll d without deny denies denied denying none neither never negative non " +
    // How a note says who said it.
    "patient physician report state complain present note describe significant history currently known otherwise include " +
    "mention admit remarkable given follow follows time old year age since mg mcg ml"
  )
    .split(" ")
    .map((word) => porterStem(word)),
);

const pieces = /\p{N}+(?:[.,]\p{N}+)*|\p{Script=Han}+|[\p{L}\p{M}]+/gu;
const han = /\p{Script=Han}/u;

/** A word of a text that says something, and whether the text denies it. */
export interface SaidWord {
  /** Its stem, the same for what patients and clinicians call the same; a pair of ideographs in Chinese. */
  readonly word: string;
  readonly denied: boolean;
}

/**
 * What a text says, word by word: stems of words that carry a finding, each affirmed or denied. Numbers are left to
 * `quantitiesOf`.
 *
 * @example
 * wordsSaid("No high blood pressure."); // [{ word: "hypertens", denied: true }]
 */
export function wordsSaid(text: string): SaidWord[] {
  const written = inOneSpelling(text);
  const denied = deniedIn(written);
  const isDenied = (at: number): boolean => denied.some(({ start, end }) => at >= start && at < end);
  return Array.from(written.matchAll(pieces)).flatMap(({ 0: piece, index }) => {
    if (/^\p{N}/u.test(piece)) return [];
    if (han.test(piece)) {
      const letters = Array.from(piece);
      return letters.slice(1).map((letter, i) => ({ word: `${letters[i]!}${letter}`, denied: isDenied(index + i) }));
    }
    const word = porterStem(piece);
    return empty.has(word) || empty.has(piece) || piece.length === 1 ? [] : [{ word, denied: isDenied(index) }];
  });
}
