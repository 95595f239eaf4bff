import type { RunOptions } from "../../training/index.ts";
import type { RecordOf, StageKind } from "./records.ts";

/** What the work of a stage is given. */
export interface StageSession {
  /** Options of training: where checkpoints go, who hears of progress, when to stop. */
  readonly options: RunOptions;
  /** Worker threads that prepare batches. */
  readonly workers: number;
  /** Where something lies that an earlier stage of the run left. */
  readonly file: (path: string) => string;
  /** Writes a file of the stage, whole or not at all. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<void>;
  /** Says how many examples of an evaluation are done. */
  readonly evaluated: (done: number, of: number) => void;
}

/** What the work of a stage has to say; name, key, files and cost are added by who runs it. */
export type Found<Kind extends StageKind> = Omit<
  RecordOf<Kind>,
  "kind" | "stage" | "key" | "decides" | "files" | "checksums" | "threads" | "cost"
>;

/** One piece of work of a run, whose output is files in a folder and a record. */
export interface Stage<Kind extends StageKind = StageKind> {
  readonly kind: Kind;
  /** `adaptation/lora-seed1`: unique in the run. */
  readonly name: string;
  /** Folder of its files inside the run's. */
  readonly folder: string;
  /** Exactly what decides its output, plain data. */
  readonly decides: Readonly<Record<string, unknown>>;
  /** Made of `decides`: equal keys, equal outputs. */
  readonly key: string;
  /** What one example is, in the plural. */
  readonly unit: string;
  work(session: StageSession): Promise<Found<Kind>>;
}
