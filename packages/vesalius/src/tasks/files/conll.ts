import type { EntitySpan } from "../../evaluation/index.ts";
import type { AnswerFile, Answered } from "../task.ts";

/** Words of a text with their bounds: runs of letters, runs of digits, single other characters. */
const words = /[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}]/gu;

/** Lines `word<TAB>tag` of one text in IOB2; spans are cut at words. */
function lines(text: string, spans: readonly EntitySpan[]): string {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  let inside: EntitySpan | undefined;
  return [...text.matchAll(words)]
    .map(({ 0: word, index }) => {
      const span = sorted.find(({ start, end }) => start <= index && index < end);
      const tag = span === undefined ? "O" : `${span === inside ? "I" : "B"}-${span.type}`;
      inside = span;
      return `${word}\t${tag}\n`;
    })
    .join("");
}

/**
 * Entities in CoNLL's columns: a word and its IOB2 tag on each line, a comment with the identifier before and an empty
 * line after each text.
 *
 * @param texts of the split, in the order of the answers
 */
export async function conllFile(
  answers: AsyncIterable<Answered<readonly EntitySpan[]>>,
  texts: readonly string[],
): Promise<AnswerFile> {
  const parts: string[] = [];
  for await (const { id, answer } of answers)
    parts.push(`# id = ${id.replace(/\s+/g, " ")}\n${lines(texts[parts.length]!, answer ?? [])}\n`);
  return { name: "predictions.conll", content: parts.join("") };
}
