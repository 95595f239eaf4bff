/**
 * What is fuzzed: for each reader small valid inputs as contents by path, which of the files are changed, and how an
 * input is read to its end. Reading throws where the input is refused, and for numbers that no answer may hold.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadBackbone, loadModel, matchColumns, openDataset, VesaliusError } from "vesalius";
import { readAdapterFiles, reattachAdapter } from "vesalius/adaptation";
import { describeDataset, readExamples, readTokenizer } from "vesalius/data";
import { readInterface } from "vesalius/graph";
import { inspectModel, openHuggingFaceFolder, readOnnx } from "vesalius/models/checkpoints";
import { builtInCatalogues, parseRecipe } from "vesalius/recipes";
import { dataSeeds, seedsOf } from "./data-seeds.mjs";
import { corpusSeeds } from "./text-seeds.mjs";
import {
  adapterSeeds,
  backboneSeeds,
  ggufSeeds,
  models,
  modelSeeds,
  onnxSeeds,
  tokenizerSeeds,
} from "./model-seeds.mjs";

/** A number that is none where one is expected; what a reader says of it is a fault. */
export class NotFinite extends Error {}

/** Looks for numbers that are not finite in plain data and typed arrays. */
function requireFinite(value, path, mayMiss = false) {
  if (typeof value === "number") {
    if (!Number.isFinite(value) && !(mayMiss && Number.isNaN(value))) throw new NotFinite(`${path} is ${value}`);
  } else if (value instanceof Float32Array || value instanceof Float64Array)
    value.forEach((one, i) => requireFinite(one, `${path}[${i}]`, mayMiss));
  else if (value instanceof Map) for (const [key, one] of value) requireFinite(one, `${path}.${key}`, mayMiss);
  else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value))
    for (const [key, one] of Object.entries(value)) requireFinite(one, `${path}.${key}`, mayMiss);
}

/** Most bytes that reading may hold: below what a process may take, so that the reader's own limit is seen to act. */
const maxBytes = 2 ** 27;
const open = (folder, more = {}) =>
  openDataset(folder, {
    maxBytes,
    allowMissingTrain: true,
    allowMissingClasses: true,
    leakage: "allow-identical",
    ...more,
  });

/** Opens a dataset, describes it and reads its first examples. */
async function readData(folder, more) {
  const dataset = await open(folder, more);
  JSON.stringify(describeDataset(dataset));
  for (const split of [...Object.values(dataset.splits), ...Object.values(dataset.tables)])
    for (const [name, column] of Object.entries(split.columns)) {
      const rows = Array.from({ length: Math.min(4, split.length) }, (_, row) => row);
      // A missing number is stored as NaN.
      for (const example of await readExamples(split, [name], rows))
        requireFinite(example, `${split.name}.${name}`, ["numbers", "timelines"].includes(column.kind));
    }
}

/** Answers of each model for every split that it can read. */
async function predictWith(all, dataset) {
  for (const model of all)
    for (const split of Object.values(dataset.splits)) {
      let fitting;
      try {
        fitting = matchColumns(model, split);
      } catch (error) {
        if (error instanceof VesaliusError) continue;
        throw error;
      }
      for await (const { answer } of model.predict(fitting))
        if (answer !== null) requireFinite(model.task.toJson(answer), "answer");
    }
}

const recipeFolder = fileURLToPath(new URL("../../recipes/", import.meta.url));
const recipes = ["vision/pneumonia.yaml", "vision/synthetic-radiographs.yaml", "language/diseases.yaml"];

const dataReader = (name) => ({
  seeds: () => seedsOf(name),
  changed: () => true,
  make: () => Promise.resolve((folder) => readData(folder)),
});

/** A picture, a table and a text that the models of `models` read. */
async function predictionSeeds() {
  const [grey] = await seedsOf("images");
  const text = (content) => new Uint8Array(Buffer.from(content));
  return [
    Object.fromEntries(
      Object.entries(grey)
        .slice(0, 2)
        .map(([path, content]) => [path.split("/").at(-1), content]),
    ),
    { "record.csv": text("id,age,score\na,61,0.5\nb,,2\nc,1e3,-4\n") },
    { "text.jsonl": text('{"id":"a","text":"t1 t2 t3"}\n{"id":"b","text":"t9"}\n') },
  ];
}
export const readers = {
  ...Object.fromEntries(Object.keys(dataSeeds).map((name) => [name, dataReader(name)])),
  corpus: {
    ...dataReader("corpus"),
    seeds: () => corpusSeeds(),
    make: () => Promise.resolve((folder) => readData(folder, { reader: "corpus", length: 4 })),
  },
  card: { ...dataReader("card"), changed: (path) => path === "dataset.json" },
  zip: { ...dataReader("npz"), bytesOnly: true },
  safetensors: {
    seeds: () =>
      backboneSeeds()
        .slice(0, 4)
        .map((files) => ({ "config.json": files["config.json"], "model.safetensors": files["backbone.safetensors"] })),
    changed: (path) => path.endsWith(".safetensors"),
    make: () =>
      Promise.resolve(async (folder) => {
        const checkpoint = await openHuggingFaceFolder(folder);
        for (const name of checkpoint.tensors.keys()) await checkpoint.read(name);
      }),
  },
  config: {
    seeds: backboneSeeds,
    changed: (path) => path.endsWith(".json"),
    make: () => Promise.resolve((folder) => loadBackbone(folder)),
  },
  model: {
    seeds: modelSeeds,
    changed: () => true,
    async make() {
      const samples = await predictionSeeds();
      return async (folder, write) => {
        const model = await loadModel(folder);
        try {
          for (const files of samples) await predictWith([model], await open(await write(files)));
        } finally {
          await model.release();
        }
      };
    },
  },
  tokenizer: {
    seeds: tokenizerSeeds,
    changed: () => true,
    make: () =>
      Promise.resolve(async (folder) => {
        const tokenizer = readTokenizer({ "tokenizer.json": await readFile(join(folder, "tokenizer.json"), "utf8") });
        const encoding = tokenizer.encode("abc cab ABC é 12 [CLS] aaaaaaaaaaaaaaaa");
        tokenizer.decode(encoding.ids);
      }),
  },
  recipe: {
    seeds: () =>
      Promise.all(
        recipes.map(async (path) => ({ "recipe.yaml": new Uint8Array(await readFile(join(recipeFolder, path))) })),
      ),
    changed: () => true,
    make: () =>
      Promise.resolve(async (folder) => {
        parseRecipe(await readFile(join(folder, "recipe.yaml"), "utf8"), {
          catalogues: builtInCatalogues,
          where: "recipe.yaml",
        });
      }),
  },
  gguf: {
    seeds: ggufSeeds,
    changed: () => true,
    make: () =>
      Promise.resolve(async (folder) => {
        const { weights } = await loadBackbone(join(folder, "model.gguf"));
        for (const [name, { data }] of weights) requireFinite(data, name);
      }),
  },
  onnx: {
    seeds: onnxSeeds,
    changed: () => true,
    make: () =>
      Promise.resolve(async (folder) => {
        const path = join(folder, "model.onnx");
        JSON.stringify(
          inspectModel(await readOnnx(path, { defaultDimension: 1 }), readInterface(await readFile(path), path)),
        );
      }),
  },
  peft: {
    seeds: async () => (await adapterSeeds()).seeds,
    changed: () => true,
    async make() {
      const { graph, weights } = await adapterSeeds();
      return async (folder) => {
        const config = await readFile(join(folder, "adapter_config.json"), "utf8");
        const adapter = readAdapterFiles(
          config,
          new Uint8Array(await readFile(join(folder, "adapter_model.safetensors"))),
          folder,
        );
        reattachAdapter(graph, weights, adapter, folder);
      };
    },
  },
  predictions: {
    seeds: predictionSeeds,
    changed: () => true,
    make: () => {
      const all = models();
      return Promise.resolve(async (folder) => predictWith(all, await open(folder)));
    },
  },
};
