import { type Command, Option } from "commander";
import type { RecipeInput } from "vesalius/recipes";
import { nonNegativeInteger, positiveInteger, positiveNumber } from "./options.ts";

type BackboneInput = NonNullable<RecipeInput["backbone"]>;
type Preset = NonNullable<BackboneInput["preset"]>;

const presets: readonly Preset[] = ["micro", "tiny", "small", "base"];

/** Flags that describe a backbone. */
export interface BackboneFlags {
  readonly preset?: Preset;
  readonly imageSize?: number;
  readonly patchSize?: number;
  readonly channels?: "1" | "3";
}

export const addBackboneFlags = (command: Command): Command =>
  command
    .addOption(new Option("--preset <name>", "size of the vision transformer").choices(presets).default("micro"))
    .option("--image-size <pixels>", "height and width of the images", positiveInteger, 28)
    .option("--patch-size <pixels>", "height and width of a patch; divides the image size", positiveInteger, 4)
    .addOption(new Option("--channels <count>", "1 for grey, 3 for colour").choices(["1", "3"]).default("1"));

/** The backbone of a recipe. */
export const backboneOf = ({ preset, imageSize, patchSize, channels }: BackboneFlags): BackboneInput => ({
  ...(preset === undefined ? {} : { preset }),
  ...(imageSize === undefined ? {} : { imageSize }),
  ...(patchSize === undefined ? {} : { patchSize }),
  ...(channels === undefined ? {} : { channels: Number(channels) }),
});

/** Flags that describe training. */
export interface TrainingFlags {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

export const addTrainingFlags = (command: Command): Command =>
  command
    .option("--epochs <count>", "passes over the training images", positiveInteger)
    .option("--batch-size <count>", "images in a step", positiveInteger)
    .option("--learning-rate <rate>", "peak learning rate", positiveNumber)
    .option("--weight-decay <rate>", "weight decay of AdamW", (text: string) =>
      text === "0" ? 0 : positiveNumber(text),
    );

/** The keys that recipes know training by. */
export const trainingOf = ({ epochs, batchSize, learningRate, weightDecay }: TrainingFlags): TrainingFlags => ({
  ...(epochs === undefined ? {} : { epochs }),
  ...(batchSize === undefined ? {} : { batchSize }),
  ...(learningRate === undefined ? {} : { learningRate }),
  ...(weightDecay === undefined ? {} : { weightDecay }),
});

export const addSeedFlag = (command: Command): Command =>
  command.option("--seed <number>", "seed of everything random", nonNegativeInteger, 0);
