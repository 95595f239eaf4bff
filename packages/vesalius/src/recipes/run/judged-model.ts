import type { ClassificationReport } from "../../evaluation/index.ts";
import type { AdaptationStageRecord } from "./stage-record.ts";

/** An adapted model as it was judged. */
export interface JudgedModel {
  readonly record: AdaptationStageRecord;
  /** Its folder inside the run's. */
  readonly folder: string;
  /** `[images, classes]` of the split that models are judged on. */
  readonly probabilities: Float32Array;
  readonly report: ClassificationReport;
}
