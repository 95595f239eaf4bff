import type { AnswerFile, Answered } from "../task.ts";

/** White space would end a field. */
const field = (text: string): string => text.replace(/\s+/g, "_");

/**
 * Rankings in the format of TREC, which `trec_eval`, `pytrec_eval` and `ir_measures` read: a line
 * `query Q0 document rank score run` for each entry, ranks from 1.
 */
export async function trecRun(
  answers: AsyncIterable<Answered<{ readonly ids: readonly string[]; readonly scores: ArrayLike<number> }>>,
): Promise<AnswerFile> {
  const parts: string[] = [];
  for await (const { id, answer } of answers)
    answer?.ids.forEach((entry, rank) => {
      parts.push(`${field(id)} Q0 ${field(entry)} ${rank + 1} ${answer.scores[rank]!} vesalius\n`);
    });
  return { name: "predictions.trec", content: parts.join("") };
}
