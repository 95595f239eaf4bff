/** One of every kind of thing that a recipe can name, as a program that uses the library would add it; all of them work. */
import { z } from "zod";
import { entry } from "../common/catalogue.ts";
import { randomStream } from "../common/random.ts";
import {
  classesColumn,
  type Dataset,
  datasetCardSchema,
  imagesColumn,
  readerEntry,
  type Split,
} from "../data/index.node.ts";
import { crossEntropy, gelu, multiply, reduceMean, reshape, softmax, subtract, type Value } from "../graph/index.ts";
import { architectureEntry } from "../models/network.ts";
import { linearLayer } from "../models/layers/linear.ts";
import { onePass, roleParts, type Task, taskEntry } from "../tasks/index.ts";
import { decayMatrices } from "../training/index.ts";
import { builtInCatalogues } from "./catalogues.node.ts";
import type { Catalogues } from "./catalogues.ts";

const side = 8;
const names = ["lying", "standing"];

/** Images with lying or standing stripes of random phase under noise: no single pixel says which. */
function stripes(name: string, count: number, seed: number): Split {
  const random = randomStream(seed, "stripes", name);
  const pixels = new Uint8Array(count * side * side);
  const classes = Array.from({ length: count }, (_, row) => row % 2);
  for (const [row, standing] of classes.entries()) {
    const phase = random.integer(4);
    for (let at = 0; at < side * side; at++) {
      const place = standing === 1 ? at % side : Math.floor(at / side);
      const bright = (place + phase) % 4 < 2 ? 60 : -60;
      pixels[row * side * side + at] = Math.max(0, Math.min(255, 128 + bright + 30 * random.normal()));
    }
  }
  return {
    name,
    length: count,
    ids: classes.map((_, row) => `${name}-${row}`),
    groups: undefined,
    attributes: {},
    columns: {
      picture: imagesColumn(pixels, { channels: 1, height: side, width: side }),
      stripes: classesColumn(names, classes),
    },
  };
}

const stripesOf = (count: { train: number; validation: number }, seed: number): Dataset => ({
  name: "stripes",
  card: datasetCardSchema.parse({
    name: "stripes",
    subfield: "vision",
    applications: ["Vision: toys"],
    baselines: [{ model: "a coin", metric: "share right", value: 50, verified: true }],
  }),
  unit: "pictures",
  splits: {
    train: stripes("train", count.train, seed),
    validation: stripes("validation", count.validation, seed),
  },
  tables: {},
});

const count = z
  .strictObject({ train: z.int().positive().default(200), validation: z.int().positive().default(60) })
  .prefault({});

/** Draws {@link stripes}. */
export const stripesGenerator = entry({
  name: "stripes",
  summary: "Lying and standing stripes.",
  settings: z.strictObject({ count, seed: z.int().nonnegative().default(0) }),
  create: (settings) => stripesOf(settings.count, settings.seed),
});

/** The lines of a file that {@link stripesReader} reads: direction and pixels. */
export const stripesLines = ({ ids, columns }: Split): string => {
  const { pixels } = (columns["picture"] as unknown as { storage: { pixels: Uint8Array } }).storage;
  const { values } = columns["stripes"] as unknown as { values: Int32Array };
  return ids
    .map((_, row) => `${names[values[row]!]} ${pixels.slice(row * side * side, (row + 1) * side * side).join(" ")}`)
    .join("\n");
};

/** Reads files of {@link stripesLines}, one a split. */
export const stripesReader = readerEntry({
  name: "stripesLines",
  summary: "Lines of a direction and pixels.",
  settings: z.strictObject({ most: z.int().positive().default(1000) }),
  looksFor: "files that end in .stripes",
  recognises: ({ entries: { files } }) => Promise.resolve(files.some((file) => file.endsWith(".stripes"))),
  create:
    ({ most }) =>
    async ({ folder, entries: { files } }) => ({
      unit: "pictures",
      splits: Object.fromEntries(
        await Promise.all(
          files.map(async (file): Promise<[string, Split]> => {
            const name = file.slice(0, -".stripes".length);
            const rows = (await folder.text(file)).split("\n").slice(0, most);
            const cells = rows.map((row) => row.split(" "));
            const columns = {
              picture: imagesColumn(Uint8Array.from(cells.flatMap(([, ...pixels]) => pixels.map(Number))), {
                channels: 1,
                height: side,
                width: side,
              }),
              stripes: classesColumn(
                names,
                cells.map(([direction]) => names.indexOf(direction!)),
              ),
            };
            const ids = rows.map((_, row) => `${name}-${row}`);
            return [name, { name, length: rows.length, ids, groups: undefined, attributes: {}, columns }];
          }),
        ),
      ),
    }),
});

/** A network over all pixels at once. */
export const flatNetwork = architectureEntry({
  name: "flat",
  summary: "One hidden layer over all pixels.",
  settings: z.strictObject({ width: z.int().positive().default(32) }),
  presets: { nano: { width: 8 }, wide: { width: 64 } },
  roles: { image: "images" },
  create: (config) => ({
    name: "flat",
    config,
    reads: { image: { name: "pixels", channels: 1, height: side, width: side } },
    features({ image }) {
      const pixels = image!["pixels"]!;
      const flat = reshape(pixels, [pixels.shape[0]!, side * side]);
      return { pooled: gelu(linearLayer(flat, "hidden", config.width)) };
    },
    layers: 1,
    layerOf: () => 1,
  }),
});

/** Draws the picture again from what the network makes of it. */
export const redrawing = entry({
  name: "redrawing",
  summary: "Draws the picture again.",
  settings: z.strictObject({ weight: z.number().positive().default(1) }),
  create: (settings) => ({
    name: "redrawing",
    settings,
    defaults: { epochs: 3, learningRate: 0.01 },
    feeds: (backbone: Parameters<typeof roleParts>[0]) => ({ parts: roleParts(backbone) }),
    loss({ inputs, features }: { inputs: Record<string, Record<string, Value>>; features: () => { pooled: Value } }) {
      const pixels = inputs["image"]!["pixels"]!;
      const drawn = linearLayer(features().pooled, "drawing", side * side);
      const off = subtract(drawn, reshape(pixels, drawn.shape));
      const error = reduceMean(multiply(off, off), [0, 1], { keepDimensions: false });
      return {
        loss: multiply(error, pixels.graph.scalar(settings.weight)),
        terms: { error },
        shown: { drawn },
      };
    },
    show: (shown: ReadonlyMap<string, { shape: readonly number[] }>, { length }: Split) =>
      Promise.resolve([
        {
          kind: "text" as const,
          paragraphs: [`${length} pictures drawn again, ${shown.get("drawn")!.shape[1]} pixels each`],
        },
      ]),
  }),
});

/** Says which way the stripes go; evaluated by the share that is right. */
export const direction = taskEntry({
  name: "direction",
  summary: "Which way stripes go.",
  settings: z.strictObject({ column: z.string().default("stripes") }),
  create(settings): Task {
    const task: Task<number, number, number> = {
      name: "direction",
      settings,
      columns: [settings.column],
      readsPooled: true,
      inference: onePass,
      check: () => {},
      feeds: (backbone) => ({
        parts: {
          ...roleParts(backbone),
          target: { columns: [settings.column], encoder: { name: "classes" }, target: true },
        },
      }),
      head: ({ pooled }) => ({ logits: linearLayer(pooled, "direction", 2) }),
      loss: ({ logits }, { inputs }) => ({ loss: crossEntropy(logits!, inputs["target"]!["classes"]!) }),
      answers: ({ logits }) => ({ probabilities: softmax(logits!) }),
      decode({ outputs }) {
        const [lying, standing] = outputs["probabilities"]!.data as Float32Array;
        return standing! > lying! ? 1 : 0;
      },
      truth: (example) => example[settings.column] as number | null,
      strata: ({ columns }) => (columns[settings.column] as unknown as { values: Int32Array }).values,
      evaluation: {
        kind: "direction",
        metrics: {
          right: {
            label: "Share right",
            better: "higher",
            range: [0, 1],
            aliases: ["share right"],
            meaning: "Share of pictures whose direction is right.",
          },
        },
        headline: ["right"],
        measure: (truth, answer) => (truth === answer ? 1 : 0),
        statistic: (measures) => (weights) => {
          let [sum, total] = [0, 0];
          for (const [row, right] of measures.entries()) {
            sum += right * (weights?.[row] ?? 1);
            total += weights?.[row] ?? 1;
          }
          return { metrics: { right: sum / total } };
        },
        details: z.null(),
        describe: () => null,
        sections: () => [],
      },
      toJson: (answer) => ({ direction: names[answer] }),
      async *files(answers) {
        const lines: string[] = [];
        for await (const { id, answer } of answers) lines.push(`${id} ${answer === null ? "?" : names[answer]}`);
        yield { name: "directions.txt", content: lines.join("\n") };
      },
    };
    return task as unknown as Task;
  },
});

const decay = decayMatrices();

/** Trains the biases of the network and the head. */
export const biasTuning = entry({
  name: "biasTuning",
  summary: "Trains biases.",
  settings: z.strictObject({ rate: z.number().positive().default(0.01) }),
  create: (settings) => ({
    name: "biasTuning",
    settings,
    defaults: { learningRate: settings.rate, epochs: 10, batchSize: 20, weightDecay: 0 },
    pretrained: true,
    policy: (parameter: Value) => (parameter.name.endsWith(".bias") ? decay(parameter) : undefined),
  }),
});

/** The library's catalogues with all of these. */
export const extended: Catalogues = {
  ...builtInCatalogues,
  readers: builtInCatalogues.readers.with(stripesReader),
  generators: builtInCatalogues.generators.with(stripesGenerator),
  architectures: builtInCatalogues.architectures.with(flatNetwork),
  objectives: builtInCatalogues.objectives.with(redrawing as never),
  tasks: builtInCatalogues.tasks.with(direction),
  methods: builtInCatalogues.methods.with(biasTuning),
};
