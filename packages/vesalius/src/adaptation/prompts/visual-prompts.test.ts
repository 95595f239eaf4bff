import { expect, test } from "vitest";
import {
  add,
  concat,
  crossEntropy,
  expand,
  Graph,
  initializeParameters,
  select,
  slice,
  type Tensor,
  type Tensors,
  type Value,
} from "../../graph/index.ts";
import {
  classificationHead,
  layerNormLayer,
  linearLayer,
  preNormBlock,
  vitConfigSchema,
  vitFeatures,
  vitPatchTokens,
  withClassToken,
} from "../../models/index.ts";
import { expectClose, expectReference, fixtureInputs, readFixture, runGraph } from "../../testing/reference.node.ts";
import { applyVisualPrompts, visualPromptsSchema } from "./visual-prompts.ts";

const config = vitConfigSchema.parse({ imageSize: 16, patchSize: 4, width: 32, depth: 2, heads: 4, mlpRatio: 1.5 });

/** The reference's name of a parameter as timm has it. */
const timmName = (name: string): string =>
  name
    .replace("transformer.embeddings.cls_token", "cls_token")
    .replace("transformer.embeddings.position_embeddings", "pos_embed")
    .replace("transformer.embeddings.patch_embeddings", "patch_embed.proj")
    .replace("transformer.encoder.encoder_norm", "norm")
    .replace("transformer.encoder.layer.", "blocks.")
    .replace("attention_norm", "norm1")
    .replace("ffn_norm", "norm2")
    .replace("ffn.", "mlp.")
    .replace("attn.out", "attn.proj")
    .replace("transformer.prompt_embeddings", "prompt_embeddings");

/** Weights under timm's names, queries, keys and values in one projection. */
function timmWeights(weights: Tensors): Tensors {
  const renamed: Tensors = new Map([...weights].map(([name, tensor]) => [timmName(name), tensor]));
  for (const query of renamed.keys()) {
    if (!query.includes("attn.query")) continue;
    const parts = ["query", "key", "value"].map((part) => renamed.get(query.replace("query", part))!);
    const data = Float32Array.from(parts.flatMap((part) => Array.from(part.data as Float32Array)));
    const shape = [3 * parts[0]!.shape[0]!, ...parts[0]!.shape.slice(1)];
    renamed.set(query.replace("query", "qkv"), { dtype: "float32", shape, data } satisfies Tensor);
  }
  return renamed;
}

const settings = visualPromptsSchema.parse({ tokens: 3 });

function vitGraph(pooling: "token" | "mean", batch = 2): Graph {
  const graph = new Graph("vit");
  const images = graph.input("images", "float32", [batch, 3, 16, 16]);
  const { tokens, pooled } = vitFeatures(images, { ...config, pooling });
  graph.output("encoded", tokens);
  const logits = graph.output("logits", classificationHead(pooled, 4));
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [batch])));
  return graph;
}

test("reproduces VPT: encoded tokens, logits, loss and the gradients of prompts and head", async () => {
  const fixture = await readFixture("adaptation/vpt");
  const { graph } = applyVisualPrompts(vitGraph("token"), settings);
  const { feeds } = fixtureInputs(new Graph("inputs"), fixture);
  const renamed = { ...fixture, weights: timmWeights(fixture.weights) };
  await expectReference(graph, renamed, { feeds, outputs: ["encoded", "logits"], parameter: timmName });
});

/** The prompted network as it would be built by hand. */
function builtByHand(deep: boolean, projectionWidth?: number): Graph {
  const graph = new Graph("vit");
  const images = graph.input("images", "float32", [2, 3, 16, 16]);
  const parameter = (name: string, count: number) =>
    graph.parameter(name, [count, 3, projectionWidth ?? 32], { kind: "zeros" });
  const led = (prompts: Value): Value =>
    projectionWidth === undefined ? prompts : linearLayer(prompts, "prompt_proj", 32);
  const { tokens, positions } = vitPatchTokens(images, config);
  let x = withClassToken(tokens, positions, config);
  for (let i = 0; i < config.depth; i++) {
    const prompts =
      i === 0 ? parameter("prompt_embeddings", 1) : slice(parameter("deep_prompt_embeddings", 1), 0, i - 1, i);
    if (i === 0 || deep)
      x = concat([slice(x, 1, 0, 1), expand(led(prompts), [2, 3, 32]), slice(x, 1, i === 0 ? 1 : 4, x.shape[1]!)], 1);
    x = preNormBlock(x, `blocks.${i}`, { heads: 4, mlpRatio: 1.5, epsilon: config.epsilon });
  }
  graph.output("logits", classificationHead(select(layerNormLayer(x, "norm", config.epsilon), 1, 0), 4));
  return graph;
}

const pixels: Tensor = {
  dtype: "float32",
  shape: [2, 3, 16, 16],
  data: Float32Array.from({ length: 1536 }, (_, i) => Math.sin(i)),
};
const labels: Tensor = { dtype: "int32", shape: [2], data: Int32Array.of(0, 1) };

test.each([
  [false, undefined],
  [true, undefined],
  [true, 6],
])("the rewritten graph is the one built by hand, deep: %s, projected from %s", async (deep, projectionWidth) => {
  const { graph } = applyVisualPrompts(vitGraph("token"), { ...settings, deep, projectionWidth });
  const feeds: Tensors = new Map([...initializeParameters(graph, 3), ["images", pixels], ["labels", labels]]);
  const [actual, expected] = [await runGraph(graph, feeds), await runGraph(builtByHand(deep, projectionWidth), feeds)];
  expectClose(actual.get("logits")!, expected.get("logits")!, 0, 1e-6, "logits");
});

test("a mean over the patches leaves the prompts out", async () => {
  const { graph } = applyVisualPrompts(vitGraph("mean", 1), { ...settings, tokens: 2 });
  expect(graph.result("encoded").shape).toEqual([1, 19, 32]);
  const patches = graph.nodes.find(({ type }) => type === "ReduceMean")!.inputs[0]!;
  expect(patches.shape).toEqual([1, 16, 32]);
});

test("what cannot be prompted is refused", () => {
  expect(() => applyVisualPrompts(vitGraph("token"), { ...settings, layers: "layers.*.ln" })).toThrow(/no layer/);
  const graph = new Graph("biased");
  const x = graph.input("x", "float32", [1, 5, 8]);
  const table = graph.parameter("places", [1, 5, 8], { kind: "zeros" });
  graph.output("y", add(layerNormLayer(add(x, x), "blocks.0.norm1", 1e-6), table));
  expect(() => applyVisualPrompts(graph, settings)).toThrow(/do not broadcast/);
  const bare = new Graph("bare");
  bare.output("y", layerNormLayer(bare.input("x", "float32", [1, 5, 8]), "blocks.0.norm1", 1e-6));
  expect(() => applyVisualPrompts(bare, settings)).toThrow(/can only be inserted/);
});
