import { type Sentence, sentencesOf } from "../consultation/passage.ts";

/** A full stop behind these ends no sentence. */
const abbreviated = /(?:^|\s)(?:Dr|Mr|Mrs|Ms|St|vs|approx|No|Pt|e\.g|i\.e)\.$/;
/** What begins an entry of a list. */
const bullet = /^(?:[-*•·]|\d{1,2}[.)])\s+/;

/**
 * Sentences of a note or turn: as Unicode has them, without breaks behind titles ("Dr.") and without marks of lists.
 *
 * @returns sentences that have a letter or digit, without the space around them
 */
export function noteSentences(text: string): string[] {
  const joined = sentencesOf(text).reduce<Sentence[]>((before, sentence) => {
    const last = before.at(-1);
    if (last === undefined || !(abbreviated.test(last.text) || /^\d{1,2}[.)]$/.test(last.text)))
      return [...before, sentence];
    const whole = { start: last.start, end: sentence.end, text: `${last.text} ${sentence.text}` };
    return [...before.slice(0, -1), whole];
  }, []);
  return joined.map((sentence) => sentence.text.replace(bullet, "").trim()).filter((one) => /[\p{L}\p{N}]/u.test(one));
}
