import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array, assert, asyncProperty, boolean, constantFrom, record } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VesaliusError } from "../common/errors.ts";
import { narrowBfloat16, narrowFloat16 } from "../common/float16.ts";
import { type Graph, initializeParameters, type Tensor, type Tensors } from "../graph/index.ts";
import { batchFeeds, exampleInputs, featureGraph, nanoNetwork } from "./architectures.test.helper.ts";
import { readHuggingFaceFolder, writeHuggingFaceFolder } from "./checkpoints/index.node.ts";
import type { Network } from "./network.ts";
import { checkWeights } from "./state-dictionary.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vesalius-names-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const names = [
  "bert",
  "gpt2",
  "llama",
  "bart",
  "t5",
  "vit",
  "dinov2",
  "swin",
  "unetr",
  "geneTransformer",
  "esm2",
  "clip",
];

/** Graph and weights of each network, of numbers that 16 bits hold. */
const made = new Map<string, { readonly network: Network; readonly graph: Graph; readonly weights: Tensors }>();
function prepared(name: string) {
  const known = made.get(name);
  if (known !== undefined) return known;
  const network = nanoNetwork(name);
  const { graph } = featureGraph(network, batchFeeds([exampleInputs(network, 1, 6, 8)]));
  const weights: Tensors = initializeParameters(graph, 1);
  for (const { data } of weights.values())
    if (data instanceof Float32Array) data.forEach((value, i) => (data[i] = Math.round(64 * value) / 64));
  made.set(name, { network, graph, weights });
  return made.get(name)!;
}

/** A tensor of 16 bits, where it holds numbers. */
function stored(tensor: Tensor, type: "float32" | "float16" | "bfloat16"): Tensor {
  const { dtype, shape, data } = tensor;
  if (dtype !== "float32" || type === "float32") return tensor;
  return {
    dtype: type,
    shape,
    data: type === "float16" ? narrowFloat16(data as Float32Array) : narrowBfloat16(data as Float32Array),
  };
}

const soup = record({
  name: constantFrom(...names),
  loops: array(constantFrom("module.", "_orig_mod."), { maxLength: 3 }),
  wrapper: constantFrom("", "model.", "net.", "network.", "backbone.", "transformer.", "encoder.", "student."),
  old: boolean(),
  idle: boolean(),
  type: constantFrom("float32" as const, "float16" as const, "bfloat16" as const),
  shardBytes: constantFrom(500, 4000, 5e9),
});

/** Wrappers that are understood in front of every name. */
const understood = new Set(["", "model.", "net.", "network.", "backbone.", "transformer."]);

test("wrapped, renamed, sharded and narrowed checkpoints give equal weights, or a refusal that lists names", async () => {
  let count = 0;
  let refused = 0;
  await assert(
    asyncProperty(soup, async ({ name, loops, wrapper, old, idle, type, shardBytes }) => {
      const { network, graph, weights } = prepared(name);
      const prefix = `${loops.join("")}${wrapper}`;
      const given: Tensors = new Map();
      for (const [own, tensor] of weights) {
        const isNorm = tensor.shape.length === 1 && /norm/i.test(own);
        const written = old && isNorm ? own.replace(/\.weight$/, ".gamma").replace(/\.bias$/, ".beta") : own;
        given.set(`${prefix}${written}`, stored(tensor, type));
      }
      if (idle)
        given.set(`${prefix}embeddings.position_ids`, {
          dtype: "int64",
          shape: [1, 2],
          data: BigInt64Array.of(0n, 1n),
        });
      const folder = join(root, String(count++));
      await writeHuggingFaceFolder(folder, { config: {}, weights: given }, { maximumShardBytes: shardBytes });
      const read = await readHuggingFaceFolder(folder, { widen: true });
      try {
        const found = checkWeights(graph, read.weights, {
          mayBeLeft: (own) => network.mayDiffer?.(own) !== undefined,
        });
        expect([...found.keys()].sort()).toEqual([...weights.keys()].sort());
        for (const [own, tensor] of weights) expect(found.get(own), own).toEqual(tensor);
      } catch (error) {
        if (!(error instanceof VesaliusError)) throw error;
        refused++;
        expect(understood.has(wrapper), `${name} behind ${prefix}: ${error.message}`).toBe(false);
        expect(error).toMatchObject({ code: "checkpoint-mismatch" });
        expect(error.message).toMatch(/missing: .+; unexpected: .+/);
      }
    }),
    { numRuns: 60, seed: 7 },
  );
  expect(refused).toBeLessThan(count);
});

test("an output layer that shares the table of tokens is stored once, twice, or under its own name alone", () => {
  for (const [name, table, head] of [
    ["gpt2", "transformer.wte.weight", "lm_head.weight"],
    ["t5", "shared.weight", "lm_head.weight"],
    ["bart", "model.shared.weight", "lm_head.weight"],
  ] as const) {
    const { network, graph, weights } = prepared(name);
    const options = { mayBeLeft: (own: string) => network.mayDiffer?.(own) !== undefined };
    expect(checkWeights(graph, weights, options)).toEqual(weights);
    const twice = new Map([...weights, [head, weights.get(table)!]]);
    expect(checkWeights(graph, twice, options)).toEqual(weights);
    const without = new Map([...twice].filter(([own]) => own !== table));
    expect(() => checkWeights(graph, without, options)).toThrow(`missing: ${table}`);
  }
});
