import { VesaliusError } from "../common/errors.ts";
import { type Example, type FeedCounts, readExamples, type Split } from "../data/index.ts";
import type { Backend } from "../runtime/index.ts";
import { evaluateMeasures, type EvaluateMeasuresOptions } from "./evaluate-measures.ts";
import type { Evaluation, EvaluationOf } from "./evaluation.ts";
import type { EvaluationReport } from "./evaluation-report.ts";
import { type ClassMapping, type TaskClasses, withClassesOf } from "./same-classes.ts";

/** How a model is run. */
export interface PredictOptions {
  readonly backend?: Backend;
  readonly signal?: AbortSignal;
  /** Called with the number of examples that are done. */
  readonly onProgress?: (done: number, of: number) => void;
  /** Called with what encoders tell of the examples: texts that were cut, values that are missing. */
  readonly onCounts?: (counts: FeedCounts) => void;
}

/** An answer with the example that it is to. */
interface AnswerOf<Answer> {
  readonly id: string;
  /** Null where there is none. */
  readonly answer: Answer | null;
}

/** Whatever answers the examples of a split, in their order: a model, an ensemble, a prompted language model. */
export interface AnsweringModel<Answer = unknown, Item extends AnswerOf<Answer> = AnswerOf<Answer>> {
  predict(split: Split, options?: PredictOptions): AsyncIterable<Item>;
}

/** What of a task an evaluation needs. */
export interface EvaluatedTask<Truth = unknown, Answer = unknown, Measure = unknown, Details = unknown> {
  /** Columns that truths are read from. */
  readonly columns: readonly string[];
  /** Classes whose names and order the data must share. */
  readonly classes?: TaskClasses | undefined;
  check(split: Split, use: "evaluation"): void;
  truth(example: Example): Truth | null;
  readonly evaluation: Evaluation<Truth, Answer, Measure, Details>;
}

/** Options of measuring a model's answers. */
export interface MeasureOptions extends PredictOptions {
  /** How the data's classes are the model's, where they differ in name or order. */
  readonly classes?: ClassMapping | undefined;
}

/** What is kept of a model's answers to a split. */
export interface MeasuredAnswers<Measure = unknown> {
  /** One for each row, of the kind of the task's evaluation. */
  readonly measures: readonly Measure[];
  /** Rows of the split that the measures are of: those with a truth. */
  readonly rows: Int32Array;
  readonly withoutAnswer: number;
  readonly withoutTruth: number;
  /** Wall-clock seconds of predicting all examples, reading them included. */
  readonly seconds: number;
}

/** Says which example an error is about, without naming it. */
function atExample(error: unknown, row: number, split: Split): unknown {
  if (!(error instanceof VesaliusError)) return error;
  return new VesaliusError(error.code, error.what, {
    where: `example ${row + 1} of split ${split.name}${error.where === undefined ? "" : `, ${error.where}`}`,
    ...(error.remedy === undefined ? {} : { fix: error.remedy }),
    cause: error,
  });
}

/** Measures one answer; undefined where the truth is not known. */
async function measureOne<Truth, Answer, Measure>(
  task: EvaluatedTask<Truth, Answer, Measure>,
  split: Split,
  columns: readonly string[],
  row: number,
  answer: Answer | null,
): Promise<Measure | undefined> {
  try {
    const [example] = await readExamples(split, columns, [row]);
    const truth = task.truth(example!);
    return truth === null ? undefined : task.evaluation.measure(truth, answer);
  } catch (error) {
    throw atExample(error, row, split);
  }
}

const outOfStep = (split: Split, what: string): VesaliusError =>
  new VesaliusError("runtime-failure", what, {
    where: `split ${split.name}`,
    fix: "a model answers every example of a split once, in its order",
  });

/** A model that is being measured. */
export interface Measuring<Item, Measure> {
  /** The split that it answers, its classes mapped to the task's. */
  readonly split: Split;
  /** Its answers, each measured before it is handed on; all of them must be taken. */
  readonly answers: AsyncGenerator<Item, void, void>;
  /**
   * What was measured, after the last answer.
   *
   * @throws VesaliusError `runtime-failure` where answers are missing
   */
  readonly measured: () => MeasuredAnswers<Measure>;
}

/**
 * Lets a model answer a split and measures each answer on the way, for who needs the answers too, such as files of them.
 *
 * @throws VesaliusError as {@link measureAnswers} does
 */
export function measuring<Truth, Answer, Measure, Item extends AnswerOf<Answer>>(
  model: AnsweringModel<Answer, Item>,
  task: EvaluatedTask<Truth, Answer, Measure>,
  given: Split,
  { classes, ...options }: MeasureOptions = {},
): Measuring<Item, Measure> {
  const split = withClassesOf(given, task.classes, classes);
  task.check(split, "evaluation");
  const columns = task.columns.filter((name) => Object.hasOwn(split.columns, name.split(".", 1)[0]!));
  const measures: Measure[] = [];
  const rows: number[] = [];
  let [row, withoutAnswer, seconds] = [0, 0, 0];
  async function* answers(): AsyncGenerator<Item, void, void> {
    const predicted = model.predict(split, options)[Symbol.asyncIterator]();
    try {
      for (; ; row++) {
        const began = performance.now();
        const next = await predicted.next();
        seconds += (performance.now() - began) / 1000;
        if (next.done === true) return;
        const { id, answer } = next.value;
        if (id !== split.ids[row]) throw outOfStep(split, `answer ${row + 1} is not that of example ${row + 1}`);
        const measure = await measureOne(task, split, columns, row, answer);
        if (measure !== undefined) {
          measures.push(measure);
          rows.push(row);
          if (answer === null) withoutAnswer += 1;
        }
        yield next.value;
      }
    } finally {
      // Frees what the model holds while it answers.
      await predicted.return?.();
    }
  }
  return {
    split,
    answers: answers(),
    measured() {
      if (row !== split.length) throw outOfStep(split, `${row} of ${split.length} examples were answered`);
      const withoutTruth = split.length - rows.length;
      return { measures, rows: Int32Array.from(rows), withoutAnswer, withoutTruth, seconds };
    },
  };
}

/**
 * Lets a model answer a split and measures each answer at once, so that neither answers nor truths are kept.
 *
 * @throws VesaliusError `bad-data` for a split that the task cannot evaluate on (before anything is predicted), classes
 * that are not the model's, a truth or an answer that is none; `runtime-failure` where answers are missing or out of order
 */
export async function measureAnswers<Truth, Answer, Measure>(
  model: AnsweringModel<Answer>,
  task: EvaluatedTask<Truth, Answer, Measure>,
  split: Split,
  options: MeasureOptions = {},
): Promise<MeasuredAnswers<Measure>> {
  const { answers, measured } = measuring(model, task, split, options);
  for await (const _ of answers);
  return measured();
}

/** Options of {@link evaluate}; see {@link evaluateMeasures}. */
export interface EvaluateOptions
  extends MeasureOptions, Pick<EvaluateMeasuresOptions, "seed" | "resamples" | "minimumSubgroupSize" | "restricted"> {
  /**
   * Name cases in the report, beside mistakes. Names of files can hold names of patients: turn it off for reports that are
   * passed on. Cases of `restricted` data are never named.
   */
  readonly nameCases?: boolean | undefined;
}

/** Options of {@link evaluate}, with what else may be made of the measures. */
export interface EvaluateModelOptions<Measure = unknown> extends EvaluateOptions {
  /** Gets the measures of all answers, such as for pictures of some of them. */
  readonly onMeasured?: ((measured: MeasuredAnswers<Measure>) => void) | undefined;
}

/** Evaluates measured answers with the groups and attributes of the split that they are of. */
export function evaluateAnswers<Measure, Details>(
  evaluation: EvaluationOf<Measure, Details>,
  { measures, rows, withoutAnswer, withoutTruth, seconds }: MeasuredAnswers<Measure>,
  split: Split,
  { nameCases = true, ...options }: Omit<EvaluateOptions, keyof MeasureOptions> = {},
): EvaluationReport<Details> {
  const ofRows = <Value>(values: readonly Value[]): Value[] => Array.from(rows, (row) => values[row]!);
  const report = evaluateMeasures(evaluation, measures, {
    ...options,
    ids: nameCases ? ofRows(split.ids) : undefined,
    groups: split.groups && ofRows(split.groups),
    attributes: Object.fromEntries(Object.entries(split.attributes).map(([name, values]) => [name, ofRows(values)])),
    withoutAnswer,
    withoutTruth,
  });
  return { ...report, cost: { seconds, examplesPerSecond: seconds > 0 ? split.length / seconds : 0 } };
}

/**
 * Evaluates a model on a split: every example is answered and measured, and metrics come with 95% intervals, over all
 * cases, for each part (class, structure, entity type) and for each subgroup of the split's attributes, beside what no
 * skill scores; see {@link evaluateMeasures}.
 *
 * @throws VesaliusError as {@link measureAnswers} and {@link evaluateMeasures} do
 *
 * @example
 * const report = await evaluate(model, model.task, notes.splits.validation);
 * report.metrics.f1; // { value: 0.81, lower: 0.78, upper: 0.84 }
 */
export async function evaluate<Truth, Answer, Measure, Details>(
  model: AnsweringModel<Answer>,
  task: EvaluatedTask<Truth, Answer, Measure, Details>,
  split: Split,
  {
    nameCases,
    seed,
    resamples,
    minimumSubgroupSize,
    restricted,
    onMeasured,
    ...options
  }: EvaluateModelOptions<Measure> = {},
): Promise<EvaluationReport<Details>> {
  const measured = await measureAnswers(model, task, split, options);
  onMeasured?.(measured);
  return evaluateAnswers(task.evaluation, measured, split, {
    nameCases,
    seed,
    resamples,
    minimumSubgroupSize,
    restricted,
  });
}
