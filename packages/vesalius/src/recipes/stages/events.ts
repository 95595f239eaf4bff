import type { TrainingProgress, TrainingRecord } from "../../training/index.ts";

/** What a caller of `runRecipe` sees while it goes on. Nothing in it tells about a patient. */
export type RunEvent =
  | {
      /** What was left out, changed or made smaller while data were read, before the first stage. */
      readonly type: "caution";
      readonly dataset: string;
      readonly text: string;
    }
  | {
      readonly type: "stageStarted";
      readonly stage: string;
      /** Position among all stages, from 1. */
      readonly number: number;
      readonly stages: number;
    }
  /** A stage was finished, and its files are missing or not as they were written: it is done again. */
  | { readonly type: "stageDamaged"; readonly stage: string }
  | ({
      readonly type: "progress";
      readonly stage: string;
      /** What one example is, in the plural. */
      readonly unit: string;
    } & Omit<TrainingProgress, "loss" | "learningRate"> &
      // Evaluations have none.
      Partial<Pick<TrainingProgress, "loss" | "learningRate">>)
  | ({ readonly type: "record"; readonly stage: string } & TrainingRecord)
  | {
      readonly type: "stageFinished";
      readonly stage: string;
      readonly seconds: number;
      /** Where it comes from: this session, an earlier one of the same run, or a folder that runs share. */
      readonly from: "now" | "run" | "shared";
    };
