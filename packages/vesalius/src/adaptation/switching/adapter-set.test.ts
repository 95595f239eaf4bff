import { afterAll, beforeAll, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { Graph, initializeParameters, type Tensor, type Tensors } from "../../graph/index.ts";
import { classificationHead, convolutionLayer, vitConfigSchema, vitFeatures } from "../../models/index.ts";
import { type Backend, nodeCpu, Program } from "../../runtime/index.node.ts";
import { expectClose } from "../../testing/reference.node.ts";
import { adapterSchema } from "../adapter.ts";
import { attachAdapter, detachAdapter, reattachAdapter, type TrainedAdapter } from "../attach.ts";
import { AdapterSet } from "./adapter-set.ts";

const config = vitConfigSchema.parse({
  imageSize: 8,
  patchSize: 4,
  channels: 2,
  width: 16,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
});
const graph = new Graph("vit");
const images = graph.input("images", "float32", [2, 1, 8, 8]);
const stem = convolutionLayer(convolutionLayer(images, "stem", 4), "grouped", 2, { groups: 2 });
graph.output("logits", classificationHead(vitFeatures(stem, config).pooled, 3));
const weights = initializeParameters(graph, 1);
const feeds: Tensors = new Map([
  [
    "images",
    { dtype: "float32", shape: [2, 1, 8, 8], data: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)) },
  ],
]);

let backend: Backend;
let set: AdapterSet;
const adapters = new Map<string, TrainedAdapter>();

/** An adapter in which every element is random, as if it had been trained. */
async function randomAdapter(given: unknown, seed: number, also: readonly string[] = []): Promise<TrainedAdapter> {
  const attached = await attachAdapter(graph, weights, adapterSchema.parse(given), { seed, backend });
  const stream = randomStream(seed, "adapter");
  const noisy = new Map(
    [...attached.weights].map(([name, { shape, data }]): [string, Tensor] => [
      name,
      {
        dtype: "float32",
        shape,
        data: Float32Array.from(data as Float32Array, (value) => value + 0.2 * stream.normal()),
      },
    ]),
  );
  return detachAdapter(attached, noisy, backend, also);
}

beforeAll(async () => {
  backend = await nodeCpu();
  const given: Record<string, readonly [unknown, readonly string[]]> = {
    narrow: [{ type: "lora", rank: 2, targets: ["qkv", "grouped"] }, []],
    wide: [
      { type: "lora", rank: 5, alpha: 3, targets: ["qkv", "fc1", "stem", "grouped"], rankPattern: { fc1: 1 } },
      [],
    ],
    dora: [{ type: "lora", rank: 2, dora: true, targets: ["qkv"] }, []],
    "wider dora": [{ type: "lora", rank: 4, dora: true, targets: ["qkv"] }, []],
    "dora elsewhere": [{ type: "lora", rank: 2, dora: true, targets: ["fc2"] }, []],
    ia3: [{ type: "ia3" }, []],
    bottleneck: [{ type: "bottleneck", reductionFactor: 4 }, []],
    "bottleneck again": [{ type: "bottleneck", reductionFactor: 4 }, []],
    "own head": [{ type: "lora", rank: 3, targets: ["fc2"] }, ["head.weight", "head.bias"]],
  };
  for (const [i, [name, [config, also]]] of Object.entries(given).entries())
    adapters.set(name, await randomAdapter(config, i + 1, also));
  set = await AdapterSet.open(graph, weights, backend, { threads: 1 });
  for (const [name, adapter] of adapters) set.add(name, adapter);
});
afterAll(() => set.release());

async function alone(of: Graph, all: Tensors): Promise<Tensor> {
  const program = await Program.compile(of, backend, [], { threads: 1 });
  const outputs = await program.run(feeds, all);
  await program.release();
  return outputs.get("logits")!;
}

const logits = async (name: string | null): Promise<Tensor> => {
  set.setAdapter(name);
  return (await set.run(feeds)).get("logits")!;
};

test("each adapter gives what a model built for it alone gives, whatever ran before", async () => {
  const names = [...adapters.keys()];
  expect(set.names).toEqual(names);
  for (const name of [...names, ...names.toReversed()]) {
    const { adapted, weights: all } = reattachAdapter(graph, weights, adapters.get(name)!);
    expectClose(await logits(name), await alone(adapted.graph, all), 1e-5, 1e-5, name);
    expect(set.active).toBe(name);
  }
});

test("without an adapter the outputs are the base's to the last bit", async () => {
  const base = await alone(graph, weights);
  await logits("wide");
  expect((await logits(null)).data).toEqual(base.data);
  expect((await logits("narrow")).data).not.toEqual(base.data);
  expect((await logits(null)).data).toEqual(base.data);
});

test("an adapter that is added later, of a higher rank, leaves the others as they are", async () => {
  const before = await logits("narrow");
  const late = await randomAdapter({ type: "lora", rank: 9, targets: ["attn.proj"] }, 20);
  set.add("late", late);
  expectClose(await logits("narrow"), before, 1e-5, 1e-5, "narrow");
  const { adapted, weights: all } = reattachAdapter(graph, weights, late);
  expectClose(await logits("late"), await alone(adapted.graph, all), 1e-5, 1e-5, "late");
});

test("names are unique and known, and adapters have to fit", async () => {
  expect(() => set.add("narrow", adapters.get("wide")!)).toThrow(/adapter "narrow" already/);
  expect(() => set.setAdapter("none")).toThrow(/no adapter "none".*narrow/);
  const adapter = adapters.get("narrow")!;
  const [first, ...rest] = adapter.weights;
  expect(first).toBeDefined();
  expect(() => set.add("torn", { ...adapter, weights: new Map(rest) })).toThrow(/missing: grouped\.lora_A/);
});
