import type { TrainingProgress, TrainingRecord } from "../../training/index.ts";

/** What a caller of `runRecipe` sees while it goes on. Nothing in it tells about a patient. */
export type RunEvent =
  | {
      readonly type: "stageStarted";
      readonly stage: string;
      /** Position among all stages, from 1. */
      readonly number: number;
      readonly stages: number;
    }
  | ({ readonly type: "progress"; readonly stage: string } & TrainingProgress)
  | ({ readonly type: "record"; readonly stage: string } & TrainingRecord)
  | {
      readonly type: "stageFinished";
      readonly stage: string;
      readonly seconds: number;
      /** Whether an earlier sitting had finished it already. */
      readonly earlier: boolean;
    };
