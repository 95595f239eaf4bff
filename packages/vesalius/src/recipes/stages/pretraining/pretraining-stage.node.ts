import { loadBackbone } from "../../../adaptation/index.node.ts";
import { writeSafetensors } from "../../../common/index.ts";
import type { Split } from "../../../data/index.ts";
import type { Backbone } from "../../../models/index.ts";
import { pretrain, type Pretrained, showObjective } from "../../../pretraining/index.ts";
import type { ReportSection } from "../../../report/index.ts";
import { encodeBackbone } from "../../../tasks/index.ts";
import { pickTraining } from "../../../training/index.ts";
import { columnsDigest, columnsRead } from "../../data/columns-read.ts";
import { afterPretraining, pretrainingStart } from "../../pretraining-roles.ts";
import { pickFeeds } from "../../resolve.ts";
import { contentKey } from "../key.ts";
import type { RunParts } from "../run-parts.ts";
import type { Found, Stage, StageSession } from "../stage.ts";

/** Raised when the same settings and data come to give something else. */
const version = 1;

/** Examples whose reconstructions, filled masks and the like a report shows. */
const shownExamples = 6;

/** Name of the file with what the objective has to show. */
export const shownFile = "shown.json";

/** A pretraining of a run. */
export interface PretrainingStage extends Stage<"pretraining"> {
  readonly seed: number;
}

/** Names of the columns that pretraining reads. */
export const pretrainingColumns = ({ recipe, catalogues, start }: RunParts): string[] =>
  columnsRead(pretrainingStart(start, recipe.pretraining!), (backbone) =>
    catalogues.objectives.create(recipe.pretraining!.objective).feeds(backbone),
  );

/** The seeds of a run's pretrainings: none, the recipe's own, or one for each seed of adaptation and studies. */
export function pretrainingSeeds({ recipe }: Pick<RunParts, "recipe">, seeds: readonly number[]): number[] {
  if (recipe.pretraining === undefined) return [];
  const { eachSeed, seeds: own = [recipe.seed] } = recipe.pretraining;
  return eachSeed ? [...new Set(seeds)] : [...own];
}

/** Plans one pretraining. */
export function planPretraining(parts: RunParts, seed: number): PretrainingStage {
  const { recipe, startDigest } = parts;
  const { objective, eachSeed, heldOut, seeds = [], ...settings } = recipe.pretraining!;
  const split = parts.data.pretraining!;
  const { network, columns, encoders } = pretrainingStart(parts.start, recipe.pretraining!);
  const decides = {
    stage: "pretraining",
    version,
    network: { name: network.name, ...network.config },
    columns,
    encoders,
    from: startDigest,
    objective,
    training: pickTraining(settings),
    feeds: pickFeeds(settings),
    seed,
    data: columnsDigest(split, pretrainingColumns(parts)),
    // Runs that measure nothing have the key that they always had.
    ...(heldOut === undefined ? {} : { measured: columnsDigest(parts.data.heldOut!, pretrainingColumns(parts)) }),
  };
  const name = eachSeed || seeds.length > 1 ? `pretraining/seed${seed}` : "pretraining";
  return {
    kind: "pretraining",
    name,
    folder: name,
    decides,
    key: contentKey(decides),
    unit: parts.unit,
    seed,
    work: (session) => runPretraining(parts, split, seed, session),
  };
}

async function runPretraining(
  parts: RunParts,
  split: Split,
  seed: number,
  { options, workers, write }: StageSession,
): Promise<Found<"pretraining">> {
  const { recipe, catalogues, feedCatalogues } = parts;
  const {
    objective: spec,
    eachSeed: _eachSeed,
    heldOut: _heldOut,
    seeds: _seeds,
    inputs: _columns,
    encoders: _own,
    ...settings
  } = recipe.pretraining!;
  const start = pretrainingStart(parts.start, recipe.pretraining!);
  const objective = catalogues.objectives.create(spec);
  const result = await pretrain(start, objective, split, {
    ...settings,
    ...options,
    seed,
    workers,
    ...(feedCatalogues === undefined ? {} : { catalogues: feedCatalogues }),
  });
  const { pretraining, weights } = result;
  const own = new Map([...pretraining.objectiveWeights].filter(([name]) => !weights.has(name)));
  await write(shownFile, JSON.stringify(await shownSections(parts, result, seed)));
  await write("objective.safetensors", writeSafetensors(own, { format: "pt" }));
  const { heldOut } = parts.data;
  const measured =
    heldOut === undefined ? undefined : await objective.measure?.(result, { trained: split, heldOut }, { seed });
  for (const [name, content] of encodeBackbone(result)) await write(name, content);
  const { steps, history, time } = pretraining.result;
  return {
    objective: pretraining.objective,
    settings: { ...pretraining.settings, ...pickTraining(settings) },
    seed,
    examples: pretraining.examples,
    counts: pretraining.counts,
    steps,
    history: [...history],
    time,
    ...(measured === undefined ? {} : { heldOut: [...measured] }),
  };
}

/** What the objective shows of examples that it did not learn from; nothing of data that may not be shown. */
async function shownSections(
  { catalogues, recipe, data, feedCatalogues }: RunParts,
  pretrained: Pretrained,
  seed: number,
): Promise<readonly ReportSection[]> {
  const { shown, datasets } = data;
  if (shown === undefined || datasets.some(({ card }) => card.restricted)) return [];
  return showObjective(pretrained, catalogues.objectives.create(recipe.pretraining!.objective), shown, {
    count: shownExamples,
    seed,
    ...(feedCatalogues === undefined ? {} : { catalogues: feedCatalogues }),
  });
}

/** The backbone that a pretraining left, with the columns that the recipe names. */
export async function readPretrained({ catalogues, start, recipe }: RunParts, folder: string): Promise<Backbone> {
  const pretrained = await loadBackbone(folder, { architectures: catalogues.architectures });
  return afterPretraining(pretrained, start, recipe.pretraining!);
}
