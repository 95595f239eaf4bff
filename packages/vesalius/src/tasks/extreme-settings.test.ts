import { describe, expect, test } from "vitest";
import { z } from "zod";
import { randomStream } from "../common/random.ts";
import { VesaliusError } from "../common/errors.ts";
import { encoders } from "../data/index.ts";
import { architectures, createBackbone, type Preparation } from "../models/index.ts";
import { exportTypes } from "./export-graph.ts";
import { featureGraph } from "./task-graph.ts";

/** What fitting would give an encoder. */
const fittings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  tokens: {
    tokenizer: {
      tokenizer: {
        model: {
          type: "WordLevel",
          vocab: Object.fromEntries(Array.from({ length: 36 }, (_, i) => [`t${i}`, i + 4])),
          unk_token: "t0",
        },
        added_tokens: ["[PAD]", "[CLS]", "[SEP]", "[MASK]"].map((content, id) => ({ id, content })),
      },
      special: { padding: "[PAD]", unknown: "t0", start: "[CLS]", end: "[SEP]", mask: "[MASK]" },
    },
  },
  pixels: { height: 16, width: 16, mean: [0.5], std: [0.25] },
  voxels: { extents: [32, 16, 16] },
  genes: { vocabulary: ["<pad>", ...Array.from({ length: 29 }, (_, i) => `GENE${i}`)] },
  numbers: { names: ["age", "score"], mean: [40, 1], std: [20, 2] },
};
const towers = {
  image: { name: "vit", preset: "nano", imageSize: 16, patchSize: 4 },
  text: { name: "bert", preset: "nano" },
};
const sizes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  vit: { imageSize: 16, patchSize: 4, channels: 1 },
  dinov2: { imageSize: 8, patchSize: 4 },
  swin: { imageSize: 16, patchSize: 2 },
  unetr: { imageSize: [32, 16, 16] },
  swinUnetr: { patch: [64, 32, 32] },
};

type Settings = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** Settings of the smallest size of an architecture, defaults filled in. */
const smallest = (name: string): Settings =>
  createBackbone({
    name,
    preset: "nano",
    ...sizes[name],
    ...("towers" in architectures.entry(name).settings.shape ? { towers } : {}),
  }).network.config;

/** Builds a network and everything that it computes, as a run does before its first step. */
function build(name: string, settings: Settings): void {
  const made = createBackbone({ name, ...settings }).network;
  const preparation: Preparation = Object.fromEntries(
    Object.entries(made.reads).map(([role, spec]) => [role, { ...fittings[spec.name], ...spec }]),
  );
  const network = made.fitted?.(preparation) ?? made;
  const parts = Object.fromEntries(
    Object.entries(preparation).map(([role, encoder]) => [
      role,
      { encoder, ...(network.optional?.includes(role) ? { optional: true } : {}) },
    ]),
  );
  const types = exportTypes(parts, 1, {}, encoders, 128);
  featureGraph({ network, weights: undefined, preparation }, types);
}

/** The largest number that a schema takes, others that are far too large together, and the smallest. */
const extremes = (schema: z.ZodNumber): number[] =>
  [schema.maxValue ?? 1e30, 100_000, 8000, 1000, 1].filter((value) => schema.safeParse(value).success);

/** Numeric settings of a schema by their place, each with extreme values. */
function numbersOf(schema: z.core.$ZodType, path: Path = []): (readonly [path: Path, values: unknown[]])[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return numbersOf(schema.def.innerType, path);
  if (schema instanceof z.ZodNumber) return [[path, extremes(schema)]];
  if (schema instanceof z.ZodTuple) {
    const each = schema.def.items.map((item) => numbersOf(item)[0]?.[1] ?? []);
    return each.every((values) => values.length > 0)
      ? [[path, each[0]!.map((_, i) => each.map((values) => values[i] ?? values[0]))]]
      : [];
  }
  if (schema instanceof z.ZodArray) {
    const [inner] = numbersOf(schema.def.element);
    return inner === undefined || inner[0].length > 0
      ? []
      : [[path, inner[1].flatMap((value) => [1, 2, 3, 4, 1000].map((length) => Array(length).fill(value)))]];
  }
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, value]) => numbersOf(value as z.core.$ZodType, [...path, key]));
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap((option) => numbersOf(option, path));
  return [];
}

/** The same settings with another value at a place. */
function changedAt(settings: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  const holder = (typeof settings === "object" && settings !== null ? settings : {}) as Settings;
  return { ...holder, [step]: changedAt(holder[step], rest, value) };
}

const thorough = process.env["VESALIUS_THOROUGH"] === "1";
/** Seconds of the processor that building or refusing a network may take; twice as many where other work shares it. */
const mostSeconds = 4;
/** Settings of each network that are tried unless all are asked for. */
const fewest = 3;

/** Settings that the schema takes: each number at its extremes, and several at once, drawn by a seed. */
function candidates(name: string): Settings[] {
  const { settings } = architectures.entry(name);
  const base = smallest(name);
  const numbers = numbersOf(settings);
  const single = numbers.flatMap(([path, values]) => values.map((value) => changedAt(base, path, value) as Settings));
  const random = randomStream(7, "extreme", name);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random.uniform() * items.length)]!;
  const several = Array.from({ length: thorough ? 400 : 20 }, () => {
    const count = 2 + Math.floor(random.uniform() * 3);
    return Array.from({ length: count }, () => pick(numbers)).reduce<Settings>(
      (changed, [path, values]) => changedAt(changed, path, pick(values)) as Settings,
      base,
    );
  });
  const valid = [...single, ...several].filter((one) => settings.safeParse(one).success);
  return thorough || valid.length <= fewest ? valid : Array.from({ length: fewest }, () => pick(valid));
}

describe("networks of extreme sizes are built or refused before time is spent", () => {
  test.each(architectures.names)("%s", (name) => {
    const slow: unknown[] = [];
    const untyped: unknown[] = [];
    let tried = 0;
    for (const settings of candidates(name)) {
      tried++;
      const start = process.cpuUsage();
      try {
        build(name, settings);
      } catch (error) {
        if (!(error instanceof VesaliusError)) untyped.push([String(error), settings]);
      }
      const { user, system } = process.cpuUsage(start);
      const seconds = (user + system) / 1e6;
      if (seconds > mostSeconds) slow.push([seconds, settings]);
    }
    expect(untyped).toEqual([]);
    expect(slow).toEqual([]);
    expect(tried).toBeGreaterThan(name === "dualTower" ? 0 : fewest - 1);
  });

  test.each<readonly [what: string, name: string, settings: Settings, message: RegExp]>([
    ["images of 8,000 pixels in patches of one", "vit", { imageSize: 8000, patchSize: 1 }, /fits into memory/],
    ["states of millions of channels", "mamba", { width: 100, expansion: 80_000, depth: 512 }, /operators/],
    ["random features of wide heads", "scbert", { headWidth: 1000 }, /6907 orthogonal random features of 1000 numbers/],
  ])("%s are refused", (_what, name, settings, message) => {
    const start = process.cpuUsage();
    expect(() => build(name, { ...smallest(name), ...settings })).toThrow(message);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(mostSeconds);
  });
});
