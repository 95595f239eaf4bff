import * as fc from "fast-check";
import { expect, test } from "vitest";
import { float32, Graph, initializeParameters, type Value } from "../../graph/index.ts";
import { randomStream } from "../../common/random.ts";
import {
  expectClose,
  expectReference,
  fixtureInputs,
  largest,
  readFixture,
  runGraph,
} from "../../testing/reference.node.ts";
import { attention } from "../layers/attention.ts";
import { tokenLoss } from "../layers/language-modelling.ts";
import { performerFromArguments } from "./performer-arguments.ts";
import { linearAttention, orthogonalFeatures, separateSoftmaxAttention } from "./performer-attention.ts";
import { performer } from "./performer.ts";

test("reproduces scBERT's Performer: attention, encodings, loss and every gradient", async () => {
  const fixture = await readFixture("model/performer_scbert");
  const config = performerFromArguments(fixture.description.config);
  const graph = new Graph("performer");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { attended, encodings, logits } = performer(values("input_ids"), config);
  graph.output("layer_0_attention_output", attended[0]!);
  graph.output("encodings", encodings);
  graph.output("logits", logits);
  graph.output("loss", tokenLoss(logits, values("labels")));
  await expectReference(graph, fixture, { feeds, outputs: ["logits", "encodings", "layer_0_attention_output"] });
});

test("the random features of a block are orthogonal, and the seed decides them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 14 }), fc.nat(), (width, count, seed) => {
      const { data } = orthogonalFeatures(count, width, seed, "x");
      const row = (i: number) => Array.from((data as Float32Array).subarray(i * width, (i + 1) * width));
      for (let i = 0; i < count; i++)
        for (let j = width * Math.floor(i / width); j < i; j++) {
          const product = row(i).reduce((sum, x, k) => sum + x * row(j)[k]!, 0);
          expect(Math.abs(product) / (Math.hypot(...row(i)) * Math.hypot(...row(j)))).toBeLessThan(1e-5);
        }
      expect(orthogonalFeatures(count, width, seed, "x").data).toEqual(data);
    }),
    { numRuns: 30 },
  );
});

test("many random features come close to softmax attention", async () => {
  const graph = new Graph("attention");
  const shape = [1, 1, 6, 4];
  const [q, k, v] = ["q", "k", "v"].map((name) => graph.input(name, "float32", shape));
  graph.output("exact", attention(q!, k!, v!));
  const features = graph.constant(orthogonalFeatures(4096, 4, 1, "x"));
  graph.output("approximate", linearAttention(q!, k!, v!, features));
  const draw = (name: string) => {
    const stream = randomStream(3, name);
    return float32(
      shape,
      Array.from({ length: 24 }, () => 0.5 * stream.normal()),
    );
  };
  const results = await runGraph(graph, new Map(["q", "k", "v"].map((name) => [name, draw(name)])));
  const [exact, approximate] = [results.get("exact")!, results.get("approximate")!];
  const difference = (exact.data as Float32Array).map((x, i) => x - (approximate.data as Float32Array)[i]!);
  expect(largest({ ...exact, data: difference })).toBeLessThan(0.05 * largest(exact));
});

const shape = [1, 1, 3, 2];
const drawn = (phase: number) =>
  float32(
    shape,
    Array.from({ length: 6 }, (_, i) => 1.5 * Math.sin(2 * i + phase)),
  );
const mask = float32([1, 3], [1, 1, 0]);

/** Attention over the first two of three tokens, and the same by hand from features of queries and keys. */
async function expectAttention(
  attend: (query: Value, key: Value, value: Value, mask: Value) => Value,
  queries: (rows: readonly number[][]) => readonly number[][],
  keys: (rows: readonly number[][]) => readonly number[][],
): Promise<void> {
  const graph = new Graph("attention");
  const [q, k, v] = ["q", "k", "v"].map((name) => graph.input(name, "float32", shape)) as [Value, Value, Value];
  graph.output("attended", attend(q, k, v, graph.input("mask", "float32", [1, 3])));
  const feeds = [drawn(1), drawn(2), drawn(3)] as const;
  const found = await runGraph(
    graph,
    new Map([
      ["q", feeds[0]],
      ["k", feeds[1]],
      ["v", feeds[2]],
      ["mask", mask],
    ]),
  );
  const [queryRows, keyRows, values] = feeds.map(({ data }) =>
    [0, 1, 2].map((row) => [...(data as Float32Array).subarray(2 * row, 2 * row + 2)]),
  ) as [number[][], number[][], number[][]];
  const seen = keys(keyRows.slice(0, 2));
  const expected = queries(queryRows).flatMap((query) => {
    const weights = seen.map((key) => key.reduce((sum, value, i) => sum + value * query[i]!, 0));
    const total = weights.reduce((sum, value) => sum + value, 0);
    return [0, 1].map((column) => weights.reduce((sum, weight, i) => sum + (weight / total) * values[i]![column]!, 0));
  });
  expectClose(found.get("attended")!, float32(shape, expected), 1e-4, 1e-5, "attended");
}

test("a kernel takes the place of the softmax, and padding is not seen", async () => {
  const projection = [
    [0.5, -1],
    [2, 0.25],
    [-1, 1],
  ];
  const functions = {
    relu: (x: number) => Math.max(x, 0),
    sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
    softplus: (x: number) => Math.log1p(Math.exp(x)),
  };
  for (const kernel of ["relu", "sigmoid", "softplus"] as const) {
    const features = (rows: readonly number[][]) =>
      rows.map(([a, b]) => projection.map(([c, d]) => functions[kernel](2 ** -0.25 * (a! * c! + b! * d!)) + 1e-3));
    await expectAttention(
      (q, k, v, m) => linearAttention(q, k, v, q.graph.constant(float32([3, 2], projection.flat())), m, kernel),
      features,
      features,
    );
  }
});

test("without a projection queries are normalised over features, keys over tokens", async () => {
  const normalised = (values: readonly number[]) => {
    const total = values.reduce((sum, value) => sum + Math.exp(value), 0);
    return values.map((value) => Math.exp(value) / total);
  };
  const transposed = (rows: readonly (readonly number[])[]) => rows[0]!.map((_, i) => rows.map((row) => row[i]!));
  await expectAttention(
    separateSoftmaxAttention,
    (rows) => rows.map(normalised),
    (rows) => transposed(transposed(rows).map(normalised)),
  );
});

test("branches are kept in bounds by a learned length or a learned factor", async () => {
  const given = { num_tokens: 7, max_seq_len: 5, dim: 6, depth: 1, heads: 2, dim_head: 4, nb_features: 3 };
  const build = (changes: Readonly<Record<string, unknown>>) => {
    const graph = new Graph("performer");
    const tokens = graph.input("tokens", "int32", [1, 5]);
    graph.output("encodings", performer(tokens, performerFromArguments({ ...given, ...changes })).encodings);
    return graph;
  };
  const tokens = { dtype: "int32" as const, shape: [1, 5], data: Int32Array.from([1, 2, 3, 4, 5]) };
  for (const [changes, shape, value] of [
    [{ use_scalenorm: true }, [1], 1],
    [{ use_scalenorm: true, use_rezero: true }, [1], 1],
    [{ use_rezero: true }, [], Math.fround(1e-3)],
  ] as const) {
    const graph = build(changes);
    const names = [0, 1].map((part) => `performer.net.layers.0.${part}.g`);
    const weights = initializeParameters(graph, 1);
    for (const name of names) expect(weights.get(name)).toMatchObject({ shape, data: Float32Array.of(value) });
    expect([...weights.keys()].filter((name) => name.includes(".0.norm") || name.includes(".1.norm"))).toEqual([]);
    // Without a length there is nothing to attend to but zeros and biases, without a factor nothing is added.
    for (const name of names) weights.set(name, float32(shape, [0]));
    const { data } = (await runGraph(graph, new Map([...weights, ["tokens", tokens]]))).get("encodings")!;
    const row = (name: string, i: number) => (weights.get(name)!.data as Float32Array).subarray(6 * i, 6 * i + 6);
    const first = [...row("token_emb.weight", 1)].map((x, i) => x + row("pos_emb.emb.weight", 0)[i]!);
    const mean = first.reduce((sum, x) => sum + x, 0) / 6;
    const deviation = Math.sqrt(first.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 6 + 1e-5);
    first.forEach((x, i) => expect((data as Float32Array)[i]).toBeCloseTo((x - mean) / deviation, 4));
  }
});

test("a branch behind a learned length sees directions alone", async () => {
  const graph = new Graph("performer");
  const sizes = { num_tokens: 7, max_seq_len: 5, dim: 6, depth: 1, heads: 2, dim_head: 4, nb_features: 3 };
  const config = performerFromArguments({ ...sizes, use_scalenorm: true, g2v_position_emb: false });
  graph.output("attended", performer(graph.input("tokens", "int32", [1, 5]), config).attended[0]!);
  const weights = initializeParameters(graph, 1);
  const tokens = { dtype: "int32" as const, shape: [1, 5], data: Int32Array.from([1, 2, 3, 4, 5]) };
  const attended = async (name: string, factor: number) => {
    const { shape, data } = weights.get(name)!;
    const scaled = float32(
      shape,
      (data as Float32Array).map((x) => factor * x),
    );
    return (await runGraph(graph, new Map([...weights, [name, scaled], ["tokens", tokens]]))).get("attended")!;
  };
  const usual = await attended("token_emb.weight", 1);
  expectClose(await attended("token_emb.weight", 3), usual, 1e-4, 1e-6, "longer vectors");
  const longer = (await attended("performer.net.layers.0.0.g", 3)).data as Float32Array;
  expect(longer.some((x, i) => Math.abs(x - (usual.data as Float32Array)[i]!) > 1e-4)).toBe(true);
});

test("the parameters of each option have the names and shapes of scBERT, and the rest is refused by name", () => {
  const given = { num_tokens: 7, max_seq_len: 5, dim: 6, depth: 1, heads: 2, dim_head: 4, nb_features: 3 };
  const shapes = (changes: Readonly<Record<string, unknown>>) => {
    const graph = new Graph("performer");
    performer(graph.input("tokens", "int32", [1, 5]), performerFromArguments({ ...given, ...changes }));
    return Object.fromEntries([...graph.parameters].map(([name, value]) => [name, value.shape]));
  };
  const matrix = "performer.net.layers.0.0.fn.fast_attention.projection_matrix";
  const usual = shapes({});
  expect(usual[matrix]).toEqual([3, 4]);
  expect(usual["pos_emb.emb.weight"]).toEqual([5, 6]);
  expect(usual).not.toHaveProperty(["performer.net.layers.0.0.fn.to_q.bias"]);
  expect(shapes({ generalized_attention: true, kernel_fn: "softplus" })).toEqual(usual);
  expect(shapes({ no_projection: true, generalized_attention: true })).not.toHaveProperty([matrix]);
  const other = shapes({ qkv_bias: true, ff_glu: true, g2v_position_emb: false });
  expect(other["performer.net.layers.0.0.fn.to_v.bias"]).toEqual([8]);
  expect(other["performer.net.layers.0.1.fn.fn.w1.weight"]).toEqual([48, 6]);
  expect(other["performer.net.layers.0.1.fn.fn.w2.weight"]).toEqual([6, 24]);
  expect(other).not.toHaveProperty(["pos_emb.emb.weight"]);
  for (const key of ["causal", "reversible", "cross_attend", "tie_embed"])
    expect(() => shapes({ [key]: true })).toThrow(new RegExp(key));
  expect(() => shapes({ local_attn_heads: 1 })).toThrow(/attend in windows/);
  expect(() => shapes({ kernel_fn: "gelu" })).toThrow(/kernel_fn/);
});
