import { z } from "zod";

/** What the form asks for. */
export const settingsSchema = z.strictObject({
  provider: z.enum(["wasm", "webgpu"]),
  /** Where images come from: drawn by the program, or files that the user picked. */
  source: z.enum(["synthetic", "files"]),
  /** Number of synthetic training images. */
  images: z.int().min(40).max(5000),
  /** Passes over the images without labels. */
  pretrainingEpochs: z.int().min(1).max(500),
  /** Passes over the images with labels. */
  adaptationEpochs: z.int().min(1).max(500),
  /** Rank of the low-rank updates. */
  rank: z.int().min(1).max(64),
});
/** What the form asks for. */
export type Settings = z.output<typeof settingsSchema>;

/** From the page to the worker: start. Stopping ends the worker. */
export interface StartMessage {
  readonly settings: Settings;
  readonly files: readonly { readonly path: string; readonly file: File }[];
}

/** A stage of the work, in order. */
export type Stage = "loading" | "pretraining" | "adapting" | "evaluating";

/** A figure with its 95% confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** From the worker to the page. */
export type WorkerMessage =
  | { readonly kind: "stage"; readonly stage: Stage; readonly detail: string }
  | {
      readonly kind: "progress";
      readonly stage: "pretraining" | "adapting";
      readonly step: number;
      readonly totalSteps: number;
      readonly loss: number;
      readonly secondsLeft: number;
    }
  | {
      readonly kind: "done";
      readonly backend: string;
      readonly rocAuc: Estimate | undefined;
      readonly accuracy: number | undefined;
      readonly trainedParameters: number;
      readonly evaluatedImages: number;
      /** Which split was evaluated. */
      readonly split: string;
      readonly seconds: number;
      /** Files of the adapter in PEFT's layout. */
      readonly files: ReadonlyMap<string, Uint8Array | string>;
    }
  | { readonly kind: "failed"; readonly message: string };
