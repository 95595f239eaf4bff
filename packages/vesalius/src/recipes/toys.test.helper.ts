/** Small things of every kind that a recipe can name, as a program that uses the library would add them. */
import { z } from "zod";
import { catalogue, entry } from "../common/catalogue.ts";
import { architectureEntry } from "../models/network.ts";
import type { Catalogues } from "./catalogues.ts";
import type { RecipeInput } from "./schema.ts";

/** A network over numbers: one hidden layer. */
const perceptron = architectureEntry({
  name: "perceptron",
  summary: "One hidden layer over numbers.",
  settings: z
    .strictObject({
      width: z.int().positive().default(8),
      depth: z.int().positive().default(1),
      activation: z.enum(["gelu", "relu"]).default("gelu"),
    })
    .refine(({ width, depth }) => width % depth === 0, "depth does not divide width"),
  presets: { nano: { width: 4 }, wide: { width: 32, depth: 2 } },
  roles: { record: "numbers" },
  create: (config) => ({
    name: "perceptron",
    config,
    reads: { record: { name: "plainNumbers" } },
    features: () => {
      throw new Error("unused");
    },
    layers: 1,
    layerOf: () => 1,
  }),
});

const method = (name: string, pretrained: boolean, settings: z.ZodObject = z.strictObject({})) =>
  entry({
    name,
    summary: name,
    settings,
    create: (own) => ({
      name,
      settings: own,
      defaults: { learningRate: 2e-3, epochs: 3, batchSize: 16, weightDecay: 0 },
      pretrained,
      frozenFeatures: name === "probe",
      policy: () => undefined,
    }),
  });

const named = (name: string, settings: z.ZodObject = z.strictObject({})) =>
  entry({ name, summary: name, settings, create: () => ({ name }) as never });

const reader = (name: string, settings: z.ZodObject) => ({
  ...named(name, settings),
  looksFor: name,
  recognises: () => Promise.resolve(false),
});

export const toys: Catalogues = {
  readers: catalogue("reader", [
    reader("points", z.strictObject({ separator: z.string().default(","), columns: z.int().positive().default(2) })),
    reader("sounds", z.strictObject({ separator: z.enum([",", ";"]).default(",") })),
  ]),
  generators: catalogue("generator", [
    named("clouds", z.strictObject({ count: z.int().positive().default(40), seed: z.int().default(0) })),
  ]),
  steps: catalogue("dataset step", [named("thin", z.strictObject({ share: z.number().default(0.5) }))]),
  encoders: catalogue("encoder", [named("plainNumbers", z.strictObject({ clip: z.number().optional() }))]),
  transforms: catalogue("transform", [
    named("jitter", z.strictObject({ amount: z.number().default(0.1) })),
    named("flip"),
  ]),
  samplers: catalogue("sampler", [named("shuffled")]),
  architectures: catalogue("architecture", [perceptron]),
  objectives: catalogue("objective", [
    named(
      "reconstruction",
      z.strictObject({
        maskRatio: z.number().default(0.5),
        decoder: z.strictObject({ width: z.int().default(4) }).prefault({}),
      }),
    ),
  ]),
  tasks: catalogue("task", [
    {
      ...named("quadrant", z.strictObject({ smoothing: z.number().default(0) })),
      formerKeys: { "adaptation.labelSmoothing": "smoothing: ..." },
    },
  ]),
  inferences: catalogue("inference", [
    named("onePass"),
    named("window", z.strictObject({ overlap: z.number().default(0.5) })),
  ]),
  methods: catalogue("method", [
    method("scratch", false),
    method("probe", true),
    method("adapter", true, z.strictObject({ rank: z.int().positive().default(8) })),
  ]),
  studies: catalogue("study", []),
  baselines: catalogue("baseline", []),
};

export const toyRecipe = {
  name: "toy",
  seed: 3,
  data: { task: { generator: "clouds", count: 60 } },
  backbone: { name: "perceptron", preset: "nano" },
  pretraining: { objective: { name: "reconstruction" }, epochs: 2, batchSize: 16 },
  task: { name: "quadrant" },
  adaptation: { epochs: 2, batchSize: 16, methods: [{ name: "scratch" }, { name: "adapter", rank: 2 }] },
  evaluation: { resamples: 20 },
} satisfies RecipeInput;
