import type { Example } from "../../data/index.ts";

/** A task put into words, for language models that are asked in place of a network that is trained. */
export interface Spoken<Answer = unknown> {
  /** What is asked of an example, after what the example shows. */
  readonly question: string;
  /** What can be answered, where there are few answers. */
  choices?(example: Example): readonly string[];
  /** The answer of how probable each choice is, `[choices]`. */
  chosen?(probabilities: Float32Array, example: Example): Answer;
  /** The answer that a text gives; null where it gives none. */
  hear(text: string, example: Example): Answer | null;
  /** The right answer in words, as examples in a prompt have it; null where it is not known. */
  say(example: Example): string | null;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** What stands behind the last word that announces an answer; the whole text where none does. */
function announced(text: string): string {
  const found = [...text.matchAll(/(?:answer(?: is)?|答案(?:是|为)?)\s*[:：]?\s*/giu)].at(-1);
  const behind = found === undefined ? "" : text.slice(found.index + found[0].length);
  return behind.trim() === "" ? text : behind;
}

/**
 * Position of the choice that a text names: by its words, or by its letter where choices were lettered; -1 where it names
 * none, or several and none of them first.
 *
 * @example
 * choiceIn("Reasoning ... So the answer is (B).", ["benign", "malignant"]); // 1
 */
export function choiceIn(text: string, choices: readonly string[]): number {
  const said = announced(text).trim();
  const plain = said.toLowerCase().replace(/^["'(\s]+|["').\s]+$/g, "");
  const exact = choices.findIndex((choice) => choice.toLowerCase() === plain);
  if (exact >= 0) return exact;
  const letter = /^\(?([A-Za-z])(?:[).:]|$|\s*[-–])/.exec(said)?.[1]?.toUpperCase();
  const lettered = letter === undefined ? -1 : letter.charCodeAt(0) - 65;
  if (lettered >= 0 && lettered < choices.length) return lettered;
  const places = choices.map((choice) => {
    const bounded = new RegExp(String.raw`(?<![\p{L}\p{N}])${escaped(choice)}(?![\p{L}\p{N}])`, "iu");
    const found = bounded.exec(said)?.index ?? (/\p{Script=Han}/u.test(choice) ? said.indexOf(choice) : -1);
    return found < 0 ? Infinity : found;
  });
  const first = Math.min(...places);
  if (first === Infinity) return -1;
  // Of choices that begin at one place the longest is meant: "not malignant" before "not".
  return places
    .map((place, i) => ({ place, i }))
    .filter(({ place }) => place === first)
    .reduce((best, one) => (choices[one.i]!.length > choices[best.i]!.length ? one : best)).i;
}

/** All of one choice. */
export const certainly = (choice: number, choices: number): Float32Array =>
  Float32Array.from({ length: choices }, (_, i) => (i === choice ? 1 : 0));
