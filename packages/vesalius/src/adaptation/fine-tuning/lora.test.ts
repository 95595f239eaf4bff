import { expect, test } from "vitest";
import { crossEntropy, Graph, initializeParameters, reshape, type Tensors } from "../../graph/index.ts";
import { bertClassifier, bertConfigSchema, bertEncoder, bertPooler } from "../../models/language/bert.ts";
import { gpt2, gpt2ConfigSchema } from "../../models/language/gpt2.ts";
import { expectClose, expectReference, readFixture, runGraph, toInt32 } from "../../testing/reference.node.ts";
import { applyLora, loralibNaming } from "./lora.ts";
import { loraSchema } from "./lora-config.ts";
import { loraUnmergeGraph } from "./lora-merge.ts";

const plain = loraSchema.parse({});

function gptGraph(loss: boolean): Graph {
  const config = gpt2ConfigSchema.parse({
    vocabularySize: 40,
    contextLength: 12,
    width: 32,
    depth: 2,
    heads: 4,
    gelu: "none",
  });
  const graph = new Graph("gpt");
  const logits = graph.output("logits", gpt2(graph.input("idx", "int32", [2, 10]), config));
  if (loss) graph.output("loss", crossEntropy(reshape(logits, [20, 40]), graph.input("targets", "int32", [20])));
  return graph;
}

const loralib = {
  ...plain,
  rank: 4,
  alpha: 8,
  targets: ["c_attn"],
  enabled: [true, false, true],
  naming: loralibNaming,
};

test("reproduces PEFT's LoRA on BERT: outputs, loss and adapter gradients", async () => {
  const fixture = await readFixture("adaptation/lora_peft_bert");
  const config = bertConfigSchema.parse({
    vocabularySize: 50,
    width: 32,
    depth: 2,
    heads: 4,
    hiddenWidth: 48,
    maximumPositions: 16,
  });
  const graph = new Graph("bert");
  const tokens = graph.input("input_ids", "int32", [3, 11]);
  const mask = graph.input("attention_mask", "float32", [3, 11]);
  const hidden = graph.output("last_hidden_state", bertEncoder({ tokens, mask }, config));
  const logits = graph.output("logits", bertClassifier(bertPooler(hidden, config), 3));
  graph.output("loss", crossEntropy(logits, graph.input("labels", "int32", [3])));
  const { graph: adapted, modules } = applyLora(graph, { ...plain, rank: 4, alpha: 16, targets: ["query", "value"] });
  expect(modules.map(({ module }) => module)).toContain("bert.encoder.layer.1.attention.self.value");
  const maskValues = Float32Array.from(fixture.inputs.get("attention_mask")!.data as BigInt64Array, Number);
  await expectReference(adapted, fixture, {
    feeds: new Map([
      ["input_ids", toInt32(fixture.inputs.get("input_ids")!)],
      ["attention_mask", { dtype: "float32", shape: [3, 11], data: maskValues }],
      ["labels", toInt32(fixture.inputs.get("labels")!)],
    ]),
    outputs: ["last_hidden_state", "logits"],
    parameter: (name) =>
      name.includes("original_module")
        ? `unused ${name}`
        : name
            .replace("base_model.model.", "")
            .replace(".default", "")
            .replace("classifier.modules_to_save", "classifier"),
  });
});

test("reproduces loralib's merged projections on GPT: outputs, loss, gradients", async () => {
  const fixture = await readFixture("adaptation/lora_loralib_gpt");
  const { graph } = applyLora(gptGraph(true), loralib);
  const targets = toInt32(fixture.inputs.get("targets")!);
  await expectReference(graph, fixture, {
    feeds: new Map([
      ["idx", toInt32(fixture.inputs.get("idx")!)],
      ["targets", { ...targets, shape: [20] }],
    ]),
    outputs: ["logits"],
  });
});

test("merged weights give the adapted outputs, and unmerging gives the base back", async () => {
  const fixture = await readFixture("adaptation/lora_loralib_gpt");
  const base = gptGraph(false);
  const adapters = applyLora(base, loralib);
  const merged = await runGraph(adapters.merge!, fixture.weights);
  const swap = (from: Tensors, suffix: string): Tensors =>
    new Map([...fixture.weights].map(([name, tensor]) => [name, from.get(`${name}${suffix}`) ?? tensor]));
  const weights = swap(merged, ".merged");
  const feeds: Tensors = new Map([...weights, ["idx", toInt32(fixture.inputs.get("idx")!)]]);
  const logits = (await runGraph(base, feeds)).get("logits")!;
  expectClose(logits, fixture.outputs.get("logits_merged_eval")!, 1e-4, 1e-5, "logits");
  const back = await runGraph(loraUnmergeGraph(adapters.modules), weights);
  for (const { weight } of adapters.modules)
    expectClose(back.get(`${weight}.unmerged`)!, fixture.weights.get(weight)!, 1e-5, 1e-6, weight);
});

test("an adapted graph starts out equal to its base", async () => {
  const base = gptGraph(false);
  const { graph } = applyLora(base, { ...plain, rank: 2, targets: ["transformer.h.*.mlp.*", "c_attn"] });
  const weights = initializeParameters(graph, 5);
  const idx = {
    dtype: "int32" as const,
    shape: [2, 10],
    data: Int32Array.from({ length: 20 }, (_, i) => (i * 7) % 40),
  };
  const feeds: Tensors = new Map([...weights, ["idx", idx]]);
  expectClose(
    (await runGraph(graph, feeds)).get("logits")!,
    (await runGraph(base, feeds)).get("logits")!,
    0,
    1e-12,
    "logits",
  );
});

test("dropout becomes a random input and a target without a match is refused", () => {
  const { graph } = applyLora(gptGraph(false), { ...plain, rank: 2, targets: ["c_attn"], dropout: 0.1 });
  expect(graph.inputs.get("transformer.h.0.attn.c_attn.dropout")!.random).toEqual({ kind: "dropout", keep: 0.9 });
  expect(() => applyLora(gptGraph(false), { ...plain, rank: 2, targets: ["c_attn", "qkv"] })).toThrow(
    /match no linear or convolution or embedding layer: qkv.*transformer\.h\.0\.attn\.c_attn/,
  );
});
