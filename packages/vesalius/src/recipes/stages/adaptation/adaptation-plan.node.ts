import { stratifiedSample } from "../../../data/dataset/index.ts";
import type { Split } from "../../../data/index.ts";
import type { Backbone } from "../../../models/index.ts";
import type { TrainingInput } from "../../../training/index.ts";
import { methodNamed, type ResolvedMethod } from "../../resolve.ts";
import { type PretrainingStage, readPretrained } from "../pretraining/pretraining-stage.node.ts";
import type { RunParts } from "../run-parts.ts";
import type { Stage, StageSession } from "../stage.ts";

/** One model to adapt. */
export interface AdaptationPlan {
  readonly method: ResolvedMethod;
  readonly seed: number;
  /** Sample of so many training examples in place of all. */
  readonly sample?: number | undefined;
  /** Settings of training in place of the method's. */
  readonly training?: TrainingInput | undefined;
}

/** An adaptation of a run. */
export interface AdaptationStage extends Stage<"adaptation"> {
  readonly plan: AdaptationPlan;
  /** What it starts from, where the run pretrains. */
  readonly pretraining: PretrainingStage | undefined;
}

/** The training examples that a model sees. */
export function examplesOf({ data, task }: RunParts, { sample, seed }: AdaptationPlan): Split {
  const train = data.train!;
  return sample === undefined ? train : stratifiedSample(train, sample, seed, task!.strata?.(train));
}

/** The backbone that an adaptation starts from. */
export async function backboneOf(
  parts: RunParts,
  { method }: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
  session: StageSession,
): Promise<Backbone> {
  const { start, catalogues } = parts;
  if (!methodNamed(method, catalogues).pretrained) return { ...start, weights: undefined };
  if (pretraining === undefined) return start;
  // Always read back, so that what is adapted is what the folder holds, interrupted or not.
  return readPretrained(parts, session.file(pretraining.folder));
}
