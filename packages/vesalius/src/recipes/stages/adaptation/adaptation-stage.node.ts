import { adapt } from "../../../adaptation/index.ts";
import { stratifiedSample } from "../../../data/dataset/index.ts";
import { type Reading, readingOf } from "../../../data/index.ts";
import type { Backbone } from "../../../models/index.ts";
import type { Model, Task } from "../../../tasks/index.ts";
import { pickTraining, type TrainingInput } from "../../../training/index.ts";
import { columnsDigest, columnsRead } from "../../data/columns-read.ts";
import { ownOf, pickFeeds, type ResolvedMethod } from "../../resolve.ts";
import { contentKey } from "../key.ts";
import { type PretrainingStage, readPretrained } from "../pretraining/pretraining-stage.node.ts";
import type { RunParts } from "../run-parts.ts";
import type { Found, Stage, StageSession } from "../stage.ts";

/** Raised when the same settings and data come to give something else. */
const version = 1;

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
}

const settingsOf = ({ method, training }: AdaptationPlan) => ({ ...pickTraining(method), ...training });

/**
 * Exactly what decides an adapted model.
 *
 * @param pretraining what it starts from, where the run pretrains
 */
export function adaptationDecides(
  parts: RunParts,
  plan: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
): Readonly<Record<string, unknown>> {
  const { start, catalogues, data } = parts;
  const { network, columns, encoders } = start;
  const task = parts.task!;
  const { pretrained } = catalogues.methods.create(ownOf(plan.method, catalogues));
  const train = data.train!;
  // A sampler of one's own may look at any column.
  const names = plan.method.sampler === undefined ? taskColumns(parts, task) : Object.keys(train.columns);
  return {
    stage: "adaptation",
    version,
    network: { name: network.name, ...network.config },
    columns,
    encoders,
    from: pretrained ? (pretraining?.key ?? parts.startDigest) : undefined,
    task: { name: task.name, ...task.settings },
    method: ownOf(plan.method, catalogues),
    training: settingsOf(plan),
    feeds: pickFeeds(plan.method),
    seed: plan.seed,
    sample: plan.sample,
    data: columnsDigest(train, names),
  };
}

/** Columns that a task's model reads, targets among them. */
export const taskColumns = ({ start }: RunParts, task: Task): string[] =>
  [...new Set([...columnsRead(start, (backbone) => task.feeds(backbone)), ...task.columns])]
    .filter((name) => task.adds?.includes(name) !== true)
    .sort();

/** How the examples of the task were read. */
function taskReading({ recipe }: RunParts): Reading | undefined {
  if (recipe.data.task === undefined) return undefined;
  const { dataset: _dataset, generator, trainingSplit: _split, steps, ...options } = recipe.data.task;
  return readingOf(options, steps, typeof generator === "string" ? generator : undefined);
}

/** Plans the adaptation with one method and seed, whose model is kept. */
export function planAdaptation(
  parts: RunParts,
  plan: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
): AdaptationStage {
  const { label } = plan.method;
  const decides = adaptationDecides(parts, plan, pretraining);
  return {
    kind: "adaptation",
    name: `adaptation/${label}-seed${plan.seed}`,
    folder: `models/${label}-seed${plan.seed}`,
    decides,
    key: contentKey(decides),
    unit: parts.unit,
    plan,
    async work(session) {
      const model = await adaptModel(parts, plan, pretraining, session);
      try {
        const { task, train } = parts.data;
        // Entries of restricted data stay where the data are; who predicts names them.
        const { backend, signal } = session.options;
        const options = {
          ...(backend === undefined ? {} : { backend }),
          ...(signal === undefined ? {} : { signal }),
        };
        if (task?.card.restricted === false && train !== undefined) await model.keepIndex(train, options);
        for (const [name, content] of model.encode(taskReading(parts))) await session.write(name, content);
        return recordOf(plan, model);
      } finally {
        await model.release();
      }
    },
  };
}

/** What is worth recording of an adapted model. */
export function recordOf({ method }: AdaptationPlan, model: Model): Found<"adaptation"> {
  const { settings, examples, seed, counts, trainedParameters, parameters, result } = model.training!;
  const { steps, history, time } = result;
  return {
    method: method.label,
    settings: { ...settings },
    seed,
    examples,
    counts,
    trainedParameters,
    parameters,
    steps,
    history: [...history],
    time,
  };
}

/** The backbone that an adaptation starts from. */
async function backboneOf(
  parts: RunParts,
  { method }: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
  session: StageSession,
): Promise<Backbone> {
  const { start, catalogues } = parts;
  if (!catalogues.methods.create(ownOf(method, catalogues)).pretrained) return { ...start, weights: undefined };
  if (pretraining === undefined) return start;
  // Always read back, so that what is adapted is what the folder holds, interrupted or not.
  return readPretrained(parts, session.file(pretraining.folder));
}

/** Adapts with one method, seed and sample. */
export async function adaptModel(
  parts: RunParts,
  plan: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
  session: StageSession,
): Promise<Model> {
  const { catalogues, feedCatalogues, data } = parts;
  const { method, seed, sample } = plan;
  const task = parts.task!;
  const train = data.train!;
  return adapt(await backboneOf(parts, plan, pretraining, session), task, {
    ...settingsOf(plan),
    ...pickFeeds(method),
    ...session.options,
    method: catalogues.methods.create(ownOf(method, catalogues)),
    data: sample === undefined ? train : stratifiedSample(train, sample, seed, task.strata?.(train)),
    seed,
    workers: session.workers,
    ...(feedCatalogues === undefined ? {} : { catalogues: feedCatalogues }),
  });
}
