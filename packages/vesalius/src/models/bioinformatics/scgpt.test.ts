import { expect, test } from "vitest";
import {
  crossEntropy,
  float32,
  gradients,
  Graph,
  initializeParameters,
  reduceSum,
  sigmoid,
  subtract,
  sum,
} from "../../graph/index.ts";
import {
  expectClose,
  expectReference,
  fixtureInputs,
  largest,
  readFixture,
  runGraph,
} from "../../testing/reference.node.ts";
import { elasticCellSimilarity, expressedLoss, maskedSquaredError } from "../layers/expression-losses.ts";
import { scgptFromArguments } from "./scgpt-arguments.ts";
import { scgptBatches, scgptCellExpression, scgptClassifier, scgptExpression } from "./scgpt-heads.ts";
import { scgpt, type ScgptConfig, scgptConfigSchema } from "./scgpt.ts";

const config = scgptConfigSchema.parse({
  vocabularySize: 30,
  width: 24,
  depth: 2,
  heads: 4,
  hiddenWidth: 32,
  paddingToken: 0,
  explicitZeros: true,
});

const outputs = ["mlm_output", "cell_emb", "cls_output", "mvc_output", "mlm_zero_probs", "mvc_zero_probs"];

test("reproduces scGPT: all heads and objectives, loss and every gradient", async () => {
  const fixture = await readFixture("model/scgpt");
  expect(scgptFromArguments({ ...fixture.description.config, padding_idx: 0 })).toEqual(config);
  const graph = new Graph("scgpt");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const mask = subtract(graph.scalar(1), values("src_key_padding_mask"));
  const encoded = scgpt(values("src"), values("values"), config, mask);
  const masked = scgptExpression(encoded, config);
  const fromCell = scgptCellExpression(encoded, config);
  const classes = graph.output("cls_output", scgptClassifier(encoded, config, 4));
  graph.output("cell_emb", encoded.cell);
  graph.output("mlm_output", masked.values);
  graph.output("mvc_output", fromCell.values);
  graph.output("mlm_zero_probs", sigmoid(masked.expressedLogits!));
  graph.output("mvc_zero_probs", sigmoid(fromCell.expressedLogits!));
  const [target, places] = [values("target_values"), values("masked_positions")];
  const terms = {
    loss_mlm: maskedSquaredError(masked.values, target, places),
    loss_mlm_zero: expressedLoss(masked.expressedLogits!, target, places),
    loss_mvc: maskedSquaredError(fromCell.values, target, places),
    loss_mvc_zero: expressedLoss(fromCell.expressedLogits!, target, places),
    loss_cls: crossEntropy(classes, values("celltype_labels")),
    loss_ecs: elasticCellSimilarity(encoded.cell, 0.3),
  };
  for (const [name, term] of Object.entries(terms)) graph.output(name, term);
  graph.output("loss", sum(Object.values(terms)));
  await expectReference(graph, fixture, {
    feeds,
    outputs: [...outputs, ...Object.keys(terms)],
  });
});

test("without explicit zeros there are no heads for them", () => {
  const graph = new Graph("scgpt");
  const plain = { ...config, explicitZeros: false };
  const encoded = scgpt(graph.input("genes", "int32", [2, 5]), graph.input("values", "float32", [2, 5]), plain);
  expect(scgptExpression(encoded, plain).expressedLogits).toBeUndefined();
  expect(scgptCellExpression(encoded, plain).expressedLogits).toBeUndefined();
  expect([...graph.parameters.keys()].filter((name) => name.includes("zero_logit"))).toEqual([]);
});

const cells = float32([2, 3], [0.5, -1, 2, 1, 0.25, -0.5]);
const genes = float32(
  [2, 2, 3],
  Array.from({ length: 12 }, (_, i) => Math.sin(i + 1)),
);
const tiny = { vocabularySize: 5, width: 3, depth: 1, heads: 1, paddingToken: null };

/** The decoder of values from a cell's vector, alone. */
function cellDecoder(changes: Readonly<Record<string, unknown>>) {
  const graph = new Graph("scgpt");
  const given = { genes: graph.input("genes", "float32", [2, 2, 3]), cell: graph.input("cell", "float32", [2, 3]) };
  const values = graph.output(
    "values",
    scgptCellExpression(given, scgptConfigSchema.parse({ ...tiny, ...changes })).values,
  );
  return { graph, values, ...given };
}

test("queries stand beside the cell's vector or are added to it", async () => {
  for (const [style, inputs, queries] of [
    ["concatQuery", 3 + 64, 64],
    ["sumQuery", 3, 3],
  ] as const) {
    const { graph } = cellDecoder({ cellDecoder: style });
    expect(Object.fromEntries([...graph.parameters].map(([name, { shape }]) => [name, shape]))).toEqual({
      "mvc_decoder.gene2query.weight": [queries, 3],
      "mvc_decoder.gene2query.bias": [queries],
      "mvc_decoder.fc1.weight": [64, inputs],
      "mvc_decoder.fc1.bias": [64],
      "mvc_decoder.hidden_activation.weight": [1],
      "mvc_decoder.fc2.weight": [1, 64],
      "mvc_decoder.fc2.bias": [1],
    });
    const weights = initializeParameters(graph, 4);
    for (const [name, { shape, data }] of weights)
      weights.set(
        name,
        float32(
          shape,
          (data as Float32Array).map((value, i) => value + 0.1 * Math.cos(i)),
        ),
      );
    const at = (name: string) => weights.get(`mvc_decoder.${name}`)!.data as Float32Array;
    const layer = (x: readonly number[], name: string): number[] =>
      [...at(`${name}.bias`)].map((bias, row) =>
        x.reduce((total, value, i) => total + value * at(`${name}.weight`)[row * x.length + i]!, bias),
      );
    const expected = [0, 1].flatMap((cell) =>
      [0, 1].map((gene) => {
        const vector = [...(cells.data as Float32Array).subarray(3 * cell, 3 * cell + 3)];
        const start = 6 * cell + 3 * gene;
        const query = layer([...(genes.data as Float32Array).subarray(start, start + 3)], "gene2query");
        const active = query.map((value) => 1 / (1 + Math.exp(-value)));
        const joined = style === "sumQuery" ? vector.map((value, i) => value + active[i]!) : [...vector, ...active];
        const slope = at("hidden_activation.weight")[0]!;
        const hidden = layer(joined, "fc1").map((value) => (value < 0 ? slope * value : value));
        return layer(hidden, "fc2")[0]!;
      }),
    );
    const results = await runGraph(graph, new Map([...weights, ["genes", genes], ["cell", cells]]));
    expectClose(results.get("values")!, float32([2, 2], expected), 1e-4, 1e-5, style);
  }
});

test("detached queries are those of the inner product, without a gradient for the genes", async () => {
  const run = async (style: string) => {
    const { graph, values, genes: input, cell } = cellDecoder({ cellDecoder: style });
    const found = gradients(reduceSum(values, undefined, { keepDimensions: false }), [input, cell]);
    if (found.has(input)) graph.output("genes gradient", found.get(input)!);
    graph.output("cell gradient", found.get(cell)!);
    return runGraph(graph, new Map([...initializeParameters(graph, 4), ["genes", genes], ["cell", cells]]));
  };
  const [attached, detached] = [await run("innerProduct"), await run("innerProductDetached")];
  for (const name of ["values", "cell gradient"]) expect(detached.get(name)).toEqual(attached.get(name));
  expect(largest(attached.get("genes gradient")!)).toBeGreaterThan(0);
  const none = detached.get("genes gradient");
  expect(none === undefined ? 0 : largest(none)).toBe(0);
});

test("the mean of a cell takes padding in only where it is told to, and the weighted sum has length 1", async () => {
  const pooled = async (pooling: ScgptConfig["pooling"]) => {
    const graph = new Graph("scgpt");
    const plain = scgptConfigSchema.parse({ ...tiny, pooling });
    const mask = graph.input("mask", "float32", [1, 3]);
    const found = scgpt(graph.input("genes", "int32", [1, 3]), graph.input("values", "float32", [1, 3]), plain, mask);
    graph.output("cell", found.cell);
    graph.output("hidden", found.hidden);
    const feeds = new Map([
      ...initializeParameters(graph, 4),
      ["genes", { dtype: "int32" as const, shape: [1, 3], data: Int32Array.from([1, 2, 0]) }],
      ["values", float32([1, 3], [1, 3, 7])],
      ["mask", float32([1, 3], [1, 1, 0])],
    ]);
    const results = await runGraph(graph, feeds);
    return [results.get("cell")!, results.get("hidden")!.data as Float32Array] as const;
  };
  const combined = (hidden: Float32Array, weights: readonly number[]) =>
    [0, 1, 2].map((column) => weights.reduce((total, weight, row) => total + weight * hidden[3 * row + column]!, 0));
  for (const [pooling, weights] of [
    ["token", [1, 0, 0]],
    ["mean", [1 / 2, 1 / 2, 0]],
    ["meanOfAll", [1 / 3, 1 / 3, 1 / 3]],
    ["weighted", [1, 3, 0]],
  ] as const) {
    const [cell, hidden] = await pooled(pooling);
    const sums = combined(hidden, weights);
    const length = pooling === "weighted" ? Math.hypot(...sums) : 1;
    expectClose(
      cell,
      float32(
        [1, 3],
        sums.map((value) => value / length),
      ),
      1e-4,
      1e-5,
      pooling,
    );
  }
});

test("decoders see the batch of a cell, and a batch that weighs nothing changes nothing", async () => {
  const run = async (batchLabels: number | undefined) => {
    const graph = new Graph("scgpt");
    const seen = scgptConfigSchema.parse({ ...tiny, explicitZeros: true, batchLabels });
    const [hidden, cell] = [graph.input("genes", "float32", [2, 2, 3]), graph.input("cell", "float32", [2, 3])];
    const batches = batchLabels === undefined ? undefined : scgptBatches(graph.input("batch", "int32", [2]), seen);
    graph.output("hidden", scgptExpression({ hidden }, seen, batches).values);
    graph.output("cell values", scgptCellExpression({ genes: hidden, cell }, seen, batches).values);
    return graph;
  };
  const [without, withBatches] = [await run(undefined), await run(4)];
  const shapes = Object.fromEntries([...withBatches.parameters].map(([name, { shape }]) => [name, shape]));
  expect(shapes).toMatchObject({
    "batch_encoder.embedding.weight": [4, 3],
    "batch_encoder.enc_norm.weight": [3],
    "decoder.fc.0.weight": [3, 6],
    "decoder.zero_logit.0.weight": [3, 6],
    "mvc_decoder.W.weight": [6, 3],
    "mvc_decoder.W_zero_logit.weight": [6, 3],
    "mvc_decoder.W_zero_logit.bias": [6],
  });
  const weights = initializeParameters(without, 4);
  const wider = initializeParameters(withBatches, 5);
  for (const [name, { shape, data }] of weights) {
    const to = wider.get(name)!;
    const filled = new Float32Array(to.data.length);
    const columns = shape.at(-1)!;
    const across = to.shape.at(-1)!;
    (data as Float32Array).forEach((value, i) => (filled[Math.floor(i / columns) * across + (i % columns)] = value));
    wider.set(name, float32(to.shape, filled));
  }
  const feeds = [["genes", genes] as const, ["cell", cells] as const];
  const labels = { dtype: "int32" as const, shape: [2], data: Int32Array.from([3, 0]) };
  const [a, b] = [
    await runGraph(without, new Map([...weights, ...feeds])),
    await runGraph(withBatches, new Map([...wider, ...feeds, ["batch", labels]])),
  ];
  for (const name of ["hidden", "cell values"]) expectClose(b.get(name)!, a.get(name)!, 1e-5, 1e-6, name);
});

test("what does not fit together or is not built is refused by name", async () => {
  const { description } = await readFixture("model/scgpt");
  const read = (changes: Readonly<Record<string, unknown>>) => () =>
    scgptFromArguments({ ...description.config, ...changes });
  expect(read({ explicit_zero_prob: false, mvc_decoder_style: "sum query", cell_emb_style: "w-pool" })()).toMatchObject(
    {
      cellDecoder: "sumQuery",
      pooling: "weighted",
    },
  );
  expect(read({ mvc_decoder_style: "concat query" })).toThrow(/only decoders by inner product predict the probability/);
  expect(read({ use_batch_labels: true })).toThrow(/batchLabels/);
  expect(read({ use_batch_labels: true, num_batch_labels: 3 })()).toMatchObject({ batchLabels: 3 });
  for (const key of ["use_generative_training", "pre_norm", "use_sim_decoder"])
    expect(read({ [key]: true })).toThrow(new RegExp(key));
  expect(read({ use_fast_transformer: true, fast_transformer_backend: "linear" })).toThrow(/linear attention/);
  expect(read({ use_fast_transformer: true, fast_transformer_backend: "flash" })()).toEqual(read({})());
  expect(read({ another: 1 })).toThrow(/not supported: another/);
  const graph = new Graph("scgpt");
  const hidden = graph.input("genes", "float32", [2, 2, 3]);
  const seen = scgptConfigSchema.parse({ ...tiny, batchLabels: 2 });
  expect(() => scgptExpression({ hidden }, seen)).toThrow(/batch of each cell, which is not given/);
  const plain = scgptConfigSchema.parse(tiny);
  expect(() => scgptExpression({ hidden }, plain, graph.input("b", "float32", [2, 3]))).toThrow(/that see none/);
});
