import { type Answering, divideExamples, rehearseAdaptation } from "../../adaptation/index.ts";
import { VesaliusError } from "../../common/errors.ts";
import { stratifiedSample } from "../../data/dataset/index.ts";
import type { Split } from "../../data/index.ts";
import type { Backbone, Preparation } from "../../models/index.ts";
import { rehearsePretraining } from "../../pretraining/index.ts";
import { prepare } from "../../tasks/index.ts";
import { afterPretraining, pretrainingStart } from "../pretraining-roles.ts";
import { methodNamed, pickFeeds, type ResolvedMethod } from "../resolve.ts";
import { smokeSplit } from "../smoke.ts";
import type { RunPlan } from "./plan.node.ts";
import { partsOfMethod, type RunParts } from "./run-parts.ts";

type Prepared = Backbone & { readonly preparation: Preparation };

/** Rows of a batch that is made of a few examples. */
const fewRows = 4;

/** What a rehearsal reads: a few examples, or all of them. */
interface Stock {
  readonly of: (split: Split, parts: RunParts, isTask: boolean) => Split;
  readonly rows: (batchSize: number) => number;
}

const few: Stock = {
  of: (split, { task, recipe }, isTask) => smokeSplit(split, isTask ? task : undefined, recipe.seed),
  rows: (batchSize) => Math.min(batchSize, fewRows),
};
const all: Stock = { of: (split) => split, rows: (batchSize) => batchSize };

/** Says of an error which part of the recipe it is about. */
async function inPart<Result>(part: string, work: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VesaliusError)) throw error;
    const where = [part, ...(error.where === undefined ? [] : [error.where])].join(", ");
    const { code, what, remedy } = error;
    throw new VesaliusError(code, what, { where, ...(remedy === undefined ? {} : { fix: remedy }), cause: error });
  }
}

const encodersOf = ({ feedCatalogues }: RunParts) =>
  feedCatalogues === undefined ? {} : { encoders: feedCatalogues.encoders };
const cataloguesOf = ({ feedCatalogues }: RunParts) =>
  feedCatalogues === undefined ? {} : { catalogues: feedCatalogues };

/** The pretraining of a run; the backbone with its encoders. */
async function pretrainingOf(parts: RunParts, stock: Stock): Promise<Prepared | undefined> {
  const { recipe, catalogues, start, data } = parts;
  const { pretraining } = recipe;
  if (pretraining === undefined) return undefined;
  const split = stock.of(data.pretraining!, parts, false);
  return inPart("pretraining", async () => {
    const prepared = await prepare(pretrainingStart(start, pretraining), split, {
      seed: recipe.seed,
      ...encodersOf(parts),
    });
    await rehearsePretraining(prepared, catalogues.objectives.create(pretraining.objective), split, {
      ...pickFeeds(pretraining),
      ...cataloguesOf(parts),
      batchSize: stock.rows(pretraining.batchSize),
      seed: recipe.seed,
    });
    return prepared;
  });
}

/** One method with its answers. */
async function methodOf(
  given: RunParts,
  method: ResolvedMethod,
  pretrained: Prepared | undefined,
  stock: Stock,
): Promise<readonly string[]> {
  const parts = partsOfMethod(given, method.label);
  const { recipe, catalogues, data, start } = parts;
  const created = methodNamed(method, catalogues);
  const split = stock.of(data.train!, parts, true);
  const from = created.pretrained
    ? given.own.has(method.label)
      ? start
      : pretrained === undefined
        ? start
        : afterPretraining(pretrained, start, recipe.pretraining!)
    : { ...start, weights: undefined };
  return inPart(`method ${method.label}`, async () => {
    if (created.answering !== undefined) {
      const backbone = created.pretrained ? { backbone: from } : {};
      await created.answering.rehearse({
        task: parts.task!,
        train: split,
        seed: recipe.seed,
        place: parts.place,
        ...backbone,
      });
      return hostCautions(parts, created.answering);
    }
    const prepared = await prepare(from, split, {
      seed: recipe.seed,
      columns: parts.task!.fitsOn?.(from),
      ...encodersOf(parts),
    });
    // What the run pretrains first has the right weights by then.
    const backbone =
      from !== start && pretrained !== undefined && created.pretrained ? { ...prepared, weights: undefined } : prepared;
    return rehearseAdaptation(backbone, parts.task!, {
      ...pickFeeds(method),
      ...cataloguesOf(parts),
      method: created,
      data: split,
      batchSize: stock.rows(method.batchSize!),
      seed: recipe.seed,
    });
  });
}

/** Says where texts go that leave the machine. */
function hostCautions({ data }: RunParts, { sendsTo }: Answering): readonly string[] {
  if (sendsTo === undefined) return [];
  const restricted = data.datasets.some(({ card }) => card.restricted);
  const terms = restricted ? " Of these data some are restricted: see that their terms allow it." : "";
  return [`What examples say is sent to ${sendsTo}.${terms}`];
}

/** All of a run, on a few examples or all. */
async function rehearseWith(parts: RunParts, stock: Stock): Promise<string[]> {
  const pretrained = await pretrainingOf(parts, stock);
  const cautions: string[] = [];
  for (const method of parts.recipe.adaptation?.methods ?? [])
    for (const text of await methodOf(parts, method, pretrained, stock))
      cautions.push(`Method ${method.label}: ${text}`);
  return cautions;
}

/** Refuses samples and folds of studies that a task cannot be trained on. */
async function checkExamples(parts: RunParts, plan: RunPlan): Promise<void> {
  const { task, data } = parts;
  if (task === undefined) return;
  const checked = new Set<string>();
  const check = (train: Split, seed: number, sample: number | undefined): void => {
    const drawn = sample === undefined ? train : stratifiedSample(train, sample, seed, task.strata?.(train));
    divideExamples(task, drawn, seed);
  };
  for (const { adaptation } of plan.models) {
    const { seed, sample } = adaptation.plan;
    const key = `${seed}`;
    if (!checked.has(key)) check(data.train!, seed, sample);
    checked.add(key);
  }
  for (const { study, points } of plan.studies)
    for (const { point, fold } of points) {
      const key = [study.name, point.seed, point.sample, fold?.evaluated.name].join(" ");
      if (checked.has(key)) continue;
      checked.add(key);
      const at = fold === undefined ? Object.values(point.at).join(", ") : fold.evaluated.name;
      await inPart(`study ${study.name}, ${at}`, () => check(fold?.train ?? data.train!, point.seed, point.sample));
    }
}

/**
 * Goes through everything that a run would do on a few examples and without computing anything, so that what does not fit
 * is found before time is spent: patterns that mean no layer, heads that a network does not have, windows that do not fit
 * it, samples of studies without an example of a class.
 *
 * @returns what is allowed and worth a thought
 * @throws VesaliusError what the stages would throw, with the part of the recipe
 */
export async function rehearseRun(parts: RunParts, plan: RunPlan): Promise<readonly string[]> {
  await checkExamples(parts, plan);
  try {
    return await rehearseWith(parts, few);
  } catch (error) {
    // What a few examples do not hold may be there in the others.
    if (!(error instanceof VesaliusError)) throw error;
    return rehearseWith(parts, all);
  }
}
