import type { Split } from "../../data/index.ts";
import type { Measured, Task } from "../../tasks/index.ts";
import type { RecordOf, StageRecord } from "../stages/records.ts";
import type { Study, StudyPoint } from "../studies/study.ts";

/** An adapted model with what was measured of its answers. */
export interface EvaluatedModel {
  readonly record: RecordOf<"adaptation">;
  /** Its folder inside the run's. */
  readonly folder: string;
  readonly measured: Measured;
}

/** A baseline with what was measured of its answers. */
export interface EvaluatedBaseline {
  readonly label: string;
  /** What reports call it. */
  readonly title: string;
  readonly measured: Measured;
}

/** A model of a study with what was measured of its answers. */
export interface EvaluatedPoint {
  readonly point: StudyPoint;
  /** Examples that it was adapted to. */
  readonly examples: number;
  /** What the rows of the measures are of: the evaluated split, or the whole that folds are parts of. */
  readonly split: Split;
  readonly measured: Measured;
}

/** What the stages of a run found. */
export interface RunFindings {
  /** Of every stage, in order. */
  readonly records: readonly StageRecord[];
  readonly smoke: boolean;
  /** Undefined without adaptation. */
  readonly task: Task | undefined;
  /** Metric that methods are compared by. */
  readonly metric: string | undefined;
  readonly models: readonly EvaluatedModel[];
  readonly baselines: readonly EvaluatedBaseline[];
  readonly studies: readonly {
    readonly study: Study;
    readonly points: readonly EvaluatedPoint[];
  }[];
}
