import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { formatPlain, parsePlain } from "../common/plain-json.ts";
import { readExamples, type Split } from "../data/index.ts";
import type { InferenceOptions } from "./inference/inference.ts";
import type { Predictor } from "./predictor.ts";
import type { AnswerFile, Answered, Task } from "./task.ts";

/** All that is kept of a model's answers on a split. */
export interface Measured<Measure = unknown> {
  /** Positions in the split of the measured cases: those whose truth is known. */
  readonly rows: Int32Array;
  /** One for each row, of the kind of the task's evaluation. */
  readonly measures: readonly Measure[];
  /** Cases without an answer. */
  readonly withoutAnswer: number;
  /** Examples whose truth is not known. */
  readonly withoutTruth: number;
}

/** What measuring is told beside predictor, task and split. */
export interface MeasureOptions extends InferenceOptions {
  /** Gets the answers in the files of the field while they come. */
  readonly write?: (file: AnswerFile) => Promise<void>;
}

/**
 * Measures a predictor's answers on a split one by one, so that nothing large (a volume, a text) is kept.
 *
 * @throws VesaliusError what predicting and measuring throw; `runtime-failure` for answers that are not those of the split
 */
export async function measureAnswers<Truth, Answer, Measure>(
  predictor: Predictor<Answer>,
  task: Task<Truth, Answer, Measure>,
  split: Split,
  { write, ...options }: MeasureOptions = {},
): Promise<Measured<Measure>> {
  const rows: number[] = [];
  const measures: Measure[] = [];
  let withoutAnswer = 0;
  let row = 0;
  const measured = async function* (): AsyncGenerator<Answered<Answer>> {
    for await (const answered of predictor.predict(split, options)) {
      const [example] = await readExamples(split, task.columns, [row]);
      const truth = task.truth(example!);
      if (truth !== null) {
        rows.push(row);
        measures.push(task.evaluation.measure(truth, answered.answer));
        if (answered.answer === null) withoutAnswer++;
      }
      row++;
      yield answered;
    }
  };
  const answers = measured();
  if (write !== undefined) for await (const file of task.files(answers, split)) await write(file);
  // Files may not need every answer; the evaluation does.
  for await (const _ of answers);
  if (row !== split.length)
    throw new VesaliusError("runtime-failure", `${row} answers for ${split.length} examples`, { where: split.name });
  return { rows: Int32Array.from(rows), measures, withoutAnswer, withoutTruth: split.length - rows.length };
}

const count = z.int().nonnegative();
const measuredSchema = z.object({
  version: z.literal(1),
  kind: z.string(),
  rows: z.instanceof(Int32Array),
  measures: z.array(z.unknown()),
  withoutAnswer: count,
  withoutTruth: count,
});

/** Measures as a file, beside the kind of evaluation that they belong to. */
export const encodeMeasured = (kind: string, measured: Measured): string =>
  formatPlain({ version: 1, kind, ...measured });

/**
 * Reads what {@link encodeMeasured} wrote.
 *
 * @throws VesaliusError `bad-file` for text that is none of this version, or of another kind of evaluation
 */
export function decodeMeasured(text: string, kind: string, where: string): Measured {
  let json: unknown;
  try {
    json = parsePlain(text);
  } catch (cause) {
    throw new VesaliusError("bad-file", "the measures are no valid JSON", { where, cause });
  }
  const {
    version: _version,
    kind: _kind,
    ...measured
  } = validate(measuredSchema.extend({ kind: z.literal(kind) }), json, {
    code: "bad-file",
    what: "measures",
    where,
  });
  return measured;
}
