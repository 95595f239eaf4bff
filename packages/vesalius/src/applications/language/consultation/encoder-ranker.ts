import { VesaliusError } from "../../../common/errors.ts";
import { referencesColumn, textsColumn } from "../../../data/index.ts";
import { matchColumns, type Model, type RetrievalAnswer, tableReadBy } from "../../../tasks/index.ts";
import { askedSplit } from "../../asked-split.ts";
import type { PassageRanker } from "./consult.ts";
import { type Passage, textOf } from "./passage.ts";

/** Text of a passage for a column that a model reads: its title, or its words. */
const valueOf = (passage: Passage, column: string): string =>
  /title/i.test(column) ? (passage.document.title ?? "") : textOf(passage);

/**
 * Ranks passages by a model that was trained for retrieval: both towers' vectors are compared, and fused with words where the
 * model's task says so. The passages are embedded once, when the first question is asked.
 *
 * @throws VesaliusError `bad-argument` for a model that searches nothing
 */
export function encoderRanker(model: Model<RetrievalAnswer>, passages: readonly Passage[]): PassageRanker {
  const read = tableReadBy(model);
  if (read === undefined)
    throw new VesaliusError("bad-argument", "the model searches no passages", {
      where: "model",
      fix: (option) => `give ${option("model")} a model of the task retrieval`,
    });
  const table = askedSplit(
    "passages",
    Object.fromEntries(
      read.names.map((name) => [name, textsColumn(passages.map((passage) => valueOf(passage, name)))]),
    ),
  );
  return {
    async rank(question, limit) {
      const asked = askedSplit("question", {
        query: textsColumn([question]),
        [read.column]: referencesColumn(table, [null]),
      });
      for await (const { answer } of model.predict(matchColumns(model, asked)))
        return Array.from(answer?.rows ?? []).slice(0, limit);
      return [];
    },
    release: () => model.release(),
  };
}
