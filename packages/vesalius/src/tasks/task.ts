import type { z } from "zod";
import type { Entry } from "../common/catalogue.ts";
import type { Dataset, Example, Feeds, Split, TextWindow } from "../data/index.ts";
import type { Evaluation, TaskClasses } from "../evaluation/index.ts";
import type { Tensor, Tensors, Value } from "../graph/index.ts";
import type { Backbone, Features, InputValues, Outputs, Preparation } from "../models/index.ts";
import type { Inference } from "./inference/inference.ts";
import type { Spoken } from "./spoken/spoken.ts";

/** A loss with what is worth recording and showing beside it. */
export interface Loss {
  /** Scalar to minimise. */
  readonly loss: Value;
  /** Scalars that are recorded one by one: parts of a sum, accuracy of a pretext, signs of collapse. */
  readonly terms?: Readonly<Record<string, Value>>;
  /** Values that are computed when something is shown, and not in training: reconstructions, filled masks. */
  readonly shown?: Readonly<Record<string, Value>>;
}

/** What heads and losses are built with. */
export interface LossContext {
  readonly inputs: InputValues;
  /** Rows of the batch. */
  readonly rows: number;
  readonly backbone: Backbone;
  readonly training: boolean;
}

/** What a network answered about one window of a text. */
export interface WindowResult {
  /** Where the window lies in its text; undefined for the whole of it. */
  readonly place: TextWindow | undefined;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** What a network answered about one example. */
export interface Result {
  readonly id: string;
  /** Position in the split. */
  readonly row: number;
  /** Values of the columns that the task asked for, null where one is missing. */
  readonly example: Example;
  /** The task's answers for the example, without the batch axis. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Where the example was read in several windows, those, in their order. */
  readonly windows?: readonly WindowResult[];
}

/** What answers are decoded with. */
export interface DecodingContext {
  readonly backbone: Backbone & { readonly preparation: Preparation };
  /** What the task fitted after training; empty where it fits nothing. */
  readonly fitted: Tensors;
}

/** An answer with where it comes from. */
export interface Answered<Answer = unknown> {
  readonly id: string;
  /** Null where the question was declined or the answer could not be read. */
  readonly answer: Answer | null;
  /** Roles that were seen. */
  readonly used: readonly string[];
  /** Why there is no answer. */
  readonly declined?: string;
}

/** A file that answers are written to. */
export interface AnswerFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** Pictures of answers for a report. */
export interface ShownAnswers<Answer = unknown, Measure = unknown> {
  readonly title: string;
  /** What the pictures are and how the cases were chosen, for the reader. */
  readonly note: string;
  /** What cases are ordered by, the best highest; NaN leaves a case out. */
  score(measure: Measure): number;
  readonly scoreName: string;
  /** One case as a picture, with words for who cannot see it; nothing that says who it is of. */
  picture(example: Example, answer: Answer | null): { readonly dataUri: string; readonly description: string };
}

/**
 * What a network is adapted to, and the whole way back: head, loss, inference, decoding, truth, evaluation, files.
 * Types of truth, answer and measure are the task's own; general code hands them through.
 */
export interface Task<Truth = unknown, Answer = unknown, Measure = unknown> {
  readonly name: string;
  /** Everything that makes the task again, plain data: names of columns, classes. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Columns that decoding and evaluation read. */
  readonly columns: readonly string[];
  /** Classes that the task tells apart and the column that names them: data with others are refused at evaluation. */
  readonly classes?: TaskClasses;
  /**
   * Checks a split before time is spent.
   *
   * @throws VesaliusError `bad-data` for a column that is absent or of another kind, a class without an example, labels
   * outside the task's; a fix in terms of the data
   */
  check(split: Split, use: "training" | "evaluation" | "prediction"): void;
  /**
   * Looks at truths that are as large as the examples, which `check` does not read: structures that no mask shows.
   *
   * @returns what is worth saying before an evaluation
   * @throws VesaliusError `bad-data` where something cannot be learned from the examples
   */
  examine?(split: Split, use: "training" | "evaluation"): Promise<readonly string[]>;
  /** Parts of the backbone's roles, and those of the task with `target`. */
  feeds(backbone: Backbone): Feeds;
  /**
   * Columns that the encoder of a role is fitted on, where the task reads others than those of the role: a tokenizer has
   * to know the words of prompts and answers.
   */
  fitsOn?(backbone: Backbone): Readonly<Record<string, readonly string[]>>;
  /** Whether the head reads nothing but pooled features, which a linear probe then computes once. */
  readonly readsPooled?: boolean;
  head(features: Features, context: LossContext): Outputs;
  loss(outputs: Outputs, context: LossContext): Loss;
  /** What the model returns at prediction and as a file: probabilities, boxes, risks. */
  answers(outputs: Outputs): Outputs;
  readonly inference: Inference;
  /** What is fitted on results of training examples after training and saved: baseline hazard, threshold, index. */
  fit?(results: AsyncIterable<Result>): Promise<Tensors>;
  /**
   * Share of the training examples, in whole groups, that are kept from training so that `fit` sees what the network did
   * not learn from. Left out, `fit` sees the examples that were learned from.
   */
  readonly heldOut?: number;
  /**
   * The training examples with what the network as it starts says of them, for losses that compare with it.
   *
   * @param results of the network with its starting weights, before any step
   */
  fromStart?(results: AsyncIterable<Result>, split: Split): Promise<Split>;
  /** Columns that `fromStart` adds, which data need not have. */
  readonly adds?: readonly string[];
  decode(result: Result, context: DecodingContext): Answer;
  /** The task in words, for language models that are asked in place of a network. */
  readonly spoken?: Spoken<Answer>;
  truth(example: Example): Truth | null;
  readonly evaluation: Evaluation<Truth, Answer, Measure>;
  /** Strata of a split, for samples and divisions that keep proportions. */
  strata?(split: Split): Int32Array | undefined;
  /** An answer as JSON, as `predict --json` and services give it. */
  toJson(answer: Answer): unknown;
  /** How a report shows a few answers; tasks whose answers are no pictures leave it out. */
  readonly shows?: ShownAnswers<Answer, Measure>;
  /** Answers in the files of the field: CSV, CoNLL, NIfTI. */
  files(answers: AsyncIterable<Answered<Answer>>, split: Split): AsyncIterable<AnswerFile>;
}

/** What a task would predict in data that nobody has said anything about. */
export interface TaskSuggestion {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Columns that hold what is predicted, which a network must not read. */
  readonly columns: readonly string[];
  /** Columns of a table that examples refer to (`relevant.text`), by the role of a network that is to read them. */
  readonly tableColumns?: Readonly<Record<string, readonly string[]>>;
  /** Columns that one role of a network is to read together, and the settings of its encoder that say how. */
  readonly together?: { readonly columns: readonly string[]; readonly encoder: Readonly<Record<string, unknown>> };
  /** Why, for the reader. */
  readonly reason: string;
  /** Of several suggestions the most particular is taken: 1 for what many data have, 3 for what few have. */
  readonly particularity: 1 | 2 | 3;
}

/** A task of the catalogue. */
export interface TaskEntry<Name extends string = string, Settings extends z.ZodObject = z.ZodObject> extends Entry<
  Name,
  Settings,
  Task
> {
  /** Settings with what the data decide, such as names of classes; fitted ones come back as they are. */
  fit?(settings: z.output<Settings>, dataset: Dataset, train: Split): z.output<Settings>;
  /** What it would predict in data; undefined where they hold nothing of the kind. */
  suggest?(train: Split): TaskSuggestion | undefined;
  /** Keys of earlier recipes that hold what is a setting of the task now, and how that is written. */
  readonly formerKeys?: Readonly<Record<string, string>>;
}

/** Keeps the types of a task's name and settings. */
export const taskEntry = <const Name extends string, Settings extends z.ZodObject>(
  it: TaskEntry<Name, Settings>,
): TaskEntry<Name, Settings> => it;
