import { expect, test } from "vitest";
import { crossEntropy, Graph, type Tensor, type Tensors } from "../../graph/index.ts";
import { classificationHead, vitConfigSchema } from "../../models/index.ts";
import { expectReference, fixtureInputs, readFixture } from "../../testing/reference.node.ts";
import { visualPromptTuning } from "./visual-prompts.ts";

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

test("reproduces VPT: encoded tokens, logits, loss and the gradients of prompts and head", async () => {
  const fixture = await readFixture("adaptation/vpt");
  const graph = new Graph("vpt");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const { tokens, pooled } = visualPromptTuning(values("images"), config, { tokens: 3, deep: false });
  graph.output("encoded", tokens);
  const logits = graph.output("logits", classificationHead(pooled, 4));
  graph.output("loss", crossEntropy(logits, values("labels")));
  const renamed = { ...fixture, weights: timmWeights(fixture.weights) };
  await expectReference(graph, renamed, { feeds, outputs: ["encoded", "logits"], parameter: timmName });
});

test("deep prompts are new at every layer, and the number of tokens stays", () => {
  const graph = new Graph("vpt");
  const images = graph.input("images", "float32", [1, 3, 16, 16]);
  const { tokens } = visualPromptTuning(images, config, { tokens: 3, deep: true });
  expect(tokens.shape).toEqual([1, 20, 32]);
  expect(graph.parameters.get("deep_prompt_embeddings")!.shape).toEqual([1, 3, 32]);
});

test("a backbone without class token is refused", () => {
  const images = new Graph("vpt").input("images", "float32", [1, 3, 16, 16]);
  expect(() =>
    visualPromptTuning(images, { ...config, classToken: false, pooling: "mean" }, { tokens: 3, deep: false }),
  ).toThrow(/class token/);
});
