import type { Message, Split } from "../data/index.ts";
import type { ChatModel } from "../generation/index.ts";
import type { Backbone } from "../models/index.ts";
import type { Backend } from "../runtime/index.ts";
import type { Model, Predictor, Task } from "../tasks/index.ts";

/** How a file of another engine is opened as a language model. */
export interface ChatFileOptions {
  /** Tokens that fit into a conversation; as many as the file says where it is left out. */
  readonly contextLength?: number | undefined;
  /** Threads; as many as there are cores by default. */
  readonly threads?: number | undefined;
}

/** What differs between the places in which a method answers: where models lie, and who may read a text. */
export interface AnsweringPlace {
  /** A model that was saved. */
  loadModel(folder: string): Promise<Model>;
  /** A language model in a file that another engine runs. */
  openChatFile(file: string, options: ChatFileOptions): Promise<ChatModel>;
  /** Hash of what a file or the files of a folder hold. */
  digestOf(path: string): Promise<string>;
  /** Takes out of a text what says whom it is about. */
  deidentify(text: string): string;
}

/** What a method that answers without training is given. */
export interface AnsweringContext {
  readonly task: Task;
  /** Examples whose answers may be shown. */
  readonly train: Split;
  /** What the run pretrained or loaded, where the method is `pretrained`. */
  readonly backbone?: Backbone | undefined;
  readonly seed: number;
  readonly backend?: Backend | undefined;
  readonly place: AnsweringPlace;
}

/** A way to answer a task without training anything: something that is there already is asked. */
export interface Answering {
  /** Host and port that what examples say is sent to; nothing leaves the machine where it is left out. */
  readonly sendsTo?: string;
  /** Columns that are read beside those of the task. */
  readonly columns: readonly string[];
  /** What reports say of it: plain data without an address, a key or a word of an example. */
  describe(task: Task): Readonly<Record<string, unknown>>;
  /**
   * What decides its answers beside its settings: hashes of the files that it names.
   *
   * @throws VesaliusError `missing-file`, `bad-file`
   */
  identify(place: AnsweringPlace): Promise<unknown>;
  /** @throws VesaliusError what does not go together */
  open(context: AnsweringContext): Promise<Predictor>;
  /**
   * Goes through it on a few examples without asking anything.
   *
   * @throws VesaliusError what `open` and its predictor would throw
   */
  rehearse(context: AnsweringContext): Promise<void>;
  /**
   * The first things that would be said, exactly as they would be; nothing is asked. What builds on an earlier answer has a
   * placeholder in its place.
   */
  show(context: AnsweringContext, split: Split, count: number): Promise<readonly (readonly Message[])[]>;
}

/** A method that trains nothing. */
export interface AnsweringMethod {
  readonly name: string;
  /** Settings as they are recorded. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether it works with the run's own pretrained backbone. */
  readonly pretrained: boolean;
  readonly answering: Answering;
}
