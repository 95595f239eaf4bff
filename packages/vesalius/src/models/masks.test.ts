import { describe, expect, test } from "vitest";
import {
  gradients,
  Graph,
  initializeParameters,
  multiply,
  reduceMean,
  reduceSum,
  type Tensors,
  type Value,
} from "../graph/index.ts";
import { expectReference, fixtureInputs, readFixture, runGraph } from "../testing/reference.node.ts";
import { randomInputs } from "../training/random-inputs.ts";
import { architectures } from "./architectures.ts";
import {
  batchFeeds,
  exampleInputs,
  featureGraph,
  lively,
  namedFeatures,
  nanoNetwork,
  runFeatures,
} from "./architectures.test.helper.ts";
import { bart, bartConfigFromHuggingFace } from "./language/bart.ts";
import { bertConfigFromHuggingFace, bertEncoder } from "./language/bert.ts";
import { gpt2, gpt2ConfigFromHuggingFace } from "./language/gpt2.ts";
import { t5, t5ConfigFromHuggingFace } from "./language/t5.ts";
import { qformer, qformerConfigFromHuggingFace } from "./multimodal/qformer.ts";

type Build = (values: (name: string) => Value, config: Record<string, unknown>) => Value;

const sources = (values: (name: string) => Value) => ({
  tokens: values("input_ids"),
  mask: values("attention_mask"),
});

/** Networks as transformers computes them; an example and single rows have nothing but padding to see. */
const references: Readonly<Record<string, Build>> = {
  masked_bert: (values, config) =>
    bertEncoder(sources(values), bertConfigFromHuggingFace(config), { training: false }, ""),
  masked_gpt2: (values, config) =>
    gpt2(values("input_ids"), gpt2ConfigFromHuggingFace(config), values("attention_mask")),
  masked_bart: (values, config) =>
    bart({ ...sources(values), decoderTokens: values("decoder_input_ids") }, bartConfigFromHuggingFace(config)).logits,
  masked_t5: (values, config) =>
    t5({ ...sources(values), decoderTokens: values("decoder_input_ids") }, t5ConfigFromHuggingFace(config)).logits,
  masked_qformer: (values, config) =>
    qformer(values("image"), qformerConfigFromHuggingFace(config, 3), values("attention_mask")).at(-1)!,
};

const mean = (x: Value): Value => reduceMean(x, undefined, { keepDimensions: false });

test.each(Object.entries(references))(
  "%s: what sees nothing but padding gives the outputs and gradients of the original",
  async (name, build) => {
    const fixture = await readFixture(`model/${name}`);
    const graph = new Graph(name);
    const { values, feeds } = fixtureInputs(graph, fixture, ["attention_mask"]);
    const result = graph.output("result", build(values, fixture.description.config));
    graph.output("loss", mean(multiply(result, values("probe"))));
    const buffers = [...initializeParameters(graph, 0)].filter(([buffer]) => buffer === "final_logits_bias");
    await expectReference(graph, fixture, { feeds: new Map([...feeds, ...buffers]), outputs: ["result"] });
  },
);

const small: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dualTower: { towers: { query: { name: "bert", preset: "nano" }, document: { sameAs: "query" } } },
  fusion: { towers: { text: { name: "bert", preset: "nano" }, expression: { name: "scbert", preset: "nano" } } },
  bilinearFusion: {
    towers: { text: { name: "bert", preset: "nano" }, expression: { name: "scbert", preset: "nano" } },
  },
};
const extent = 6;
const masked = architectures.names
  .map((name) => [name, nanoNetwork(name, small[name])] as const)
  .filter(([, network]) => Object.values(network.reads).some(({ name }) => ["tokens", "genes"].includes(name)));

describe.each(masked)("%s", (_name, network) => {
  const examples = [6, 0, 3].map((length, i) => exampleInputs(network, i, length, extent));

  test("an example of nothing but padding gives numbers, and changes no other", async () => {
    const feeds = batchFeeds(examples);
    const { graph, features } = featureGraph(network, feeds, true);
    const values = [...namedFeatures(features).values()].filter(({ rank }) => rank > 0);
    const trained = [...graph.parameters.values()].filter(({ isBuffer }) => !isBuffer);
    const loss = values.map((value) => reduceSum(value, undefined, { keepDimensions: false }));
    const found = gradients(
      loss.reduce((sum, value) => sum.graph.node("Add", [sum, value])[0]!),
      trained,
    );
    for (const parameter of found.keys()) graph.output(`gradient of ${parameter.name}`, found.get(parameter)!);
    const results: Tensors = await runGraph(graph, new Map([...feeds, ...lively(graph), ...randomInputs(graph, 1, 0)]));
    for (const [what, { data }] of results) expect((data as Float32Array).every(Number.isFinite), what).toBe(true);
    const alone = await runFeatures(network, batchFeeds([examples[0]!, examples[2]!, examples[2]!]));
    const beside = await runFeatures(network, feeds);
    const pooled = beside.get("pooled")!.data as Float32Array;
    const width = pooled.length / 3;
    const expected = alone.get("pooled")!.data as Float32Array;
    pooled.subarray(0, width).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  });
});
