import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { formatPlain, parsePlain } from "../common/plain-json.ts";
import type { Split } from "../data/index.ts";
import { type ClassMapping, type MeasuredAnswers, measuring } from "../evaluation/index.ts";
import type { InferenceOptions } from "./inference/inference.ts";
import type { Predictor } from "./predictor.ts";
import type { AnswerFile, Task } from "./task.ts";

/** What measuring is told beside predictor, task and split. */
export interface MeasureOptions extends InferenceOptions {
  /** How the data's classes are the model's, where they differ in name or order. */
  readonly classes?: ClassMapping | undefined;
  /** Gets the answers in the files of the field while they come. */
  readonly write?: (file: AnswerFile) => Promise<void>;
}

/** All that is kept of a model's answers on a split. */
export type Measured<Measure = unknown> = MeasuredAnswers<Measure>;

/**
 * Measures a predictor's answers on a split one by one, so that nothing large (a volume, a text) is kept, and writes them
 * where they are wanted as files.
 *
 * @throws VesaliusError as the evaluation's `measureAnswers` does
 */
export async function measureAnswers<Truth, Answer, Measure>(
  predictor: Predictor<Answer>,
  task: Task<Truth, Answer, Measure>,
  given: Split,
  { write, ...options }: MeasureOptions = {},
): Promise<Measured<Measure>> {
  const { split, answers, measured } = measuring(predictor, task, given, options);
  if (write !== undefined) for await (const file of task.files(answers, split)) await write(file);
  // Files may not need every answer; the evaluation does.
  for await (const _ of answers);
  return measured();
}

const count = z.int().nonnegative();
const measuredSchema = z.object({
  version: z.literal(1),
  kind: z.string(),
  rows: z.instanceof(Int32Array),
  measures: z.array(z.unknown()),
  withoutAnswer: count,
  withoutTruth: count,
  seconds: z.number().nonnegative(),
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
