import { freemem } from "node:os";
import { type Command, Option } from "commander";
import { loadBackbone, VesaliusError } from "vesalius";
import { builtInCatalogues, type PlannedRecipe, planRecipe } from "vesalius/recipes";
import { engine } from "./backend.ts";
import { nonNegativeInteger, positiveNumber } from "./options.ts";
import { addDividedDataOptions, type DividedDataFlags, openData, recipeSources, withDivision } from "./sources.ts";

const { architectures, methods } = builtInCatalogues;

/** What a plan may be told. */
export interface PlanFlags extends DividedDataFlags {
  readonly backbone?: string;
  readonly network?: string;
  readonly method: readonly string[];
  readonly minutes: number;
  readonly evaluateOn?: string;
  readonly pretraining?: boolean;
  readonly seed?: number;
  readonly threads?: number;
}

/** Adds what a plan may be told. */
export const addPlanOptions = (command: Command): Command =>
  addDividedDataOptions(command)
    .option("--backbone <folder>", "pretrained backbone: <run>/pretraining, a published checkpoint, or a .gguf file")
    .addOption(
      new Option("--network <name>", "architecture, in place of the one that fits").choices(architectures.names),
    )
    .addOption(
      new Option("--method <name...>", "methods to compare, in place of those that fit")
        .choices(methods.names)
        .default([], "by what there is to start from"),
    )
    .option("--pretraining", "pretrain on the data first (--no-pretraining: do not)")
    .option("--no-pretraining", "do not pretrain on the data")
    .option(
      "--evaluate-on <split>",
      "part of the data to evaluate on (default: validation, or the first that is not training)",
    )
    .option("--minutes <count>", "minutes that the run may take, about", positiveNumber, 10);

/** A plan for data, and the folder that holds them. */
export async function planFor(
  path: string,
  flags: PlanFlags,
  name: string,
): Promise<{ readonly planned: PlannedRecipe; readonly data?: string }> {
  const { backbone, network, method, minutes, pretraining, seed, evaluateOn, threads } = flags;
  if (backbone !== undefined && network !== undefined)
    throw new VesaliusError("bad-argument", "--backbone says already which network it is", {
      fix: "leave --network out",
    });
  const said = withDivision(flags);
  const { sources, data } = await recipeSources([path], said);
  const { dataset } = await openData(path, said);
  const planned = await planRecipe(dataset, {
    source: sources[0]!,
    backend: await engine(threads),
    memory: freemem(),
    minutes,
    name,
    ...(seed === undefined ? {} : { seed }),
    ...(evaluateOn === undefined ? {} : { split: evaluateOn }),
    ...(backbone === undefined ? {} : { pretrained: { folder: backbone, backbone: await loadBackbone(backbone) } }),
    ...(network === undefined ? {} : { network }),
    ...(method.length === 0 ? {} : { methods: method }),
    ...(pretraining === undefined ? {} : { pretraining }),
  });
  return { planned, ...(data === undefined ? {} : { data }) };
}

export const seedFlag = (command: Command): Command =>
  command.option("--seed <number>", "seed of everything random", nonNegativeInteger);
