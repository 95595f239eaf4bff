import { adapt } from "../../../adaptation/index.ts";
import { type Reading, readingOf } from "../../../data/index.ts";
import type { Model, Task } from "../../../tasks/index.ts";
import { pickTraining } from "../../../training/index.ts";
import { columnsDigest, columnsRead } from "../../data/columns-read.ts";
import { methodNamed, ownOf, pickFeeds } from "../../resolve.ts";
import { contentKey } from "../key.ts";
import type { PretrainingStage } from "../pretraining/pretraining-stage.node.ts";
import type { RunParts } from "../run-parts.ts";
import type { Found, StageSession } from "../stage.ts";
import { type AdaptationPlan, type AdaptationStage, backboneOf, examplesOf } from "./adaptation-plan.node.ts";
import { answeringDecides, answeringFile, answeringOf, answeringRecord } from "./answering.node.ts";

/** Raised when the same settings and data come to give something else. */
const version = 1;

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
  const answering = answeringOf(parts, plan);
  if (answering !== undefined) return answeringDecides(parts, plan, pretraining, answering);
  const { start, catalogues, data } = parts;
  const { network, columns, encoders } = start;
  const task = parts.task!;
  const { pretrained } = methodNamed(plan.method, catalogues);
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
    pretraining,
    async work(session) {
      const answering = answeringOf(parts, plan);
      if (answering !== undefined) {
        const said = { method: label, seed: plan.seed, ...answering.describe(parts.task!) };
        await session.write(answeringFile, `${JSON.stringify(said, null, 2)}\n`);
        return answeringRecord(parts, plan, answering);
      }
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

/** Adapts with one method, seed and sample. */
export async function adaptModel(
  parts: RunParts,
  plan: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
  session: StageSession,
): Promise<Model> {
  const { catalogues, feedCatalogues } = parts;
  const { method, seed } = plan;
  const task = parts.task!;
  const created = methodNamed(method, catalogues);
  if (created.answering !== undefined) throw new TypeError(`${method.label} trains nothing`);
  return adapt(await backboneOf(parts, plan, pretraining, session), task, {
    ...settingsOf(plan),
    ...pickFeeds(method),
    ...session.options,
    method: created,
    data: examplesOf(parts, plan),
    seed,
    workers: session.workers,
    ...(feedCatalogues === undefined ? {} : { catalogues: feedCatalogues }),
  });
}
