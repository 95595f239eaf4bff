/** Data for a saved model, read as its own were. */
import type { Command } from "commander";
import { VesaliusError } from "vesalius";
import { type Dataset, inputOptions, type OpenDatasetOptions, type Reading } from "vesalius/data";
import { builtInCatalogues, takeStepsEverywhere } from "vesalius/recipes";
import { columnsReadBy, type Model } from "vesalius/tasks";
import type { Output } from "./output.ts";
import { type DataFlags, isGenerator, openData } from "./sources.ts";

/** Whether data are read as a model's own were. */
export interface ModelDataFlags extends DataFlags {
  readonly modelOptions: boolean;
}

/** Adds the flag that leaves out how a model's own data were read. */
export const addModelDataOption = (command: Command): Command =>
  command.option("--no-model-options", "read the data without the options that the model's own were read with");

/** Columns of inputs only: what an answer is compared with need not be there. */
const tolerated: Pick<OpenDatasetOptions, "allowMissingTrain" | "allowMissingClasses"> = {
  allowMissingTrain: true,
  allowMissingClasses: true,
};

/** Data that are to be answered. */
const toBeAnswered: Pick<OpenDatasetOptions, "allowMissingTrain" | "allowMissingClasses" | "toAnswer"> = {
  ...tolerated,
  toAnswer: true,
};

/** How the model's data were read, as far as it can hold for other data: a program's settings are those of its data. */
async function readingFor(
  path: string,
  { reading }: Model,
  { modelOptions }: ModelDataFlags,
): Promise<Reading | undefined> {
  if (!modelOptions || reading === undefined) return undefined;
  const generator = (await isGenerator(path)) ? path : undefined;
  return generator === reading.generator ? reading : undefined;
}

function say(options: Readonly<Record<string, unknown>>, given: DataFlags["option"], output: Output): void {
  const applied = Object.entries(options).filter(([key]) => !Object.hasOwn(given, key));
  if (applied.length === 0) return;
  const text = applied.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ");
  output.note(`read as the model's own data were (leave out with --no-model-options): ${text}`);
}

/**
 * Opens data with known truth as the model's own were read, steps included; what a flag says holds in its place.
 *
 * @throws VesaliusError as `openDataset` does
 */
export async function openLikeModel(
  path: string,
  flags: ModelDataFlags,
  model: Model,
  output: Output,
): Promise<{ dataset: Dataset; synthetic: boolean }> {
  const reading = await readingFor(path, model, flags);
  if (reading === undefined) return openData(path, flags, tolerated);
  say(reading.options, flags.option, output);
  const { dataset, synthetic } = await openData(path, flags, tolerated, reading.options);
  if (reading.steps.length > 0) output.note(`steps as for the model's own data: ${JSON.stringify(reading.steps)}`);
  return { dataset: await takeStepsEverywhere(dataset, reading.steps, builtInCatalogues), synthetic };
}

/**
 * Opens what is to be answered, with as much of how the model's own data were read as fits it: a single file has no columns
 * to be named, a table of questions no answers to be filtered by.
 *
 * @throws VesaliusError as `openDataset` does
 */
export async function openInputsLikeModel(
  path: string,
  flags: ModelDataFlags,
  model: Model,
  output: Output,
): Promise<Dataset> {
  const reading = await readingFor(path, model, flags);
  const attempts =
    reading === undefined
      ? [{}]
      : inputOptions(
          reading,
          columnsReadBy(model).map(({ name }) => name),
        );
  for (const options of attempts.slice(0, -1)) {
    try {
      const { dataset } = await openData(path, flags, toBeAnswered, options);
      say(options, flags.option, output);
      return dataset;
    } catch (error) {
      if (!(error instanceof VesaliusError)) throw error;
    }
  }
  return (await openData(path, flags, toBeAnswered)).dataset;
}
