import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Graph, initializeParameters, type Tensors } from "../../graph/index.ts";
import { gpt2, gpt2ConfigSchema } from "../../models/index.ts";
import { nodeCpu } from "../../runtime/index.node.ts";
import { expectClose, type Fixture, readFixture, runGraph, toFloat32, toInt32 } from "../../testing/reference.node.ts";
import { readSafetensors, writeSafetensors } from "../../common/safetensors.ts";
import { bertFixtureGraph } from "../adapters/bert-fixture.test.helper.ts";
import { adapterSchema } from "../adapter.ts";
import { attachAdapter, detachAdapter, reattachAdapter, type TrainedAdapter } from "../attach.ts";
import { adapterFiles, readAdapterFiles } from "./adapter-files.ts";

const root = fileURLToPath(new URL("../../../fixtures/reference/adaptation/", import.meta.url));
const peftConfig = (name: string): string => readFileSync(`${root}${name}/adapter_config.json`, "utf8");
const peftWeights = (name: string): Uint8Array => readFileSync(`${root}${name}/adapter_model.safetensors`);
const peftAdapter = (name: string): TrainedAdapter => readAdapterFiles(peftConfig(name), peftWeights(name), name);

const written = (adapter: TrainedAdapter) => {
  const files = adapterFiles(adapter);
  return {
    config: JSON.parse(files.get("adapter_config.json") as string) as Record<string, unknown>,
    text: files.get("adapter_config.json") as string,
    bytes: files.get("adapter_model.safetensors") as Uint8Array,
  };
};

/** The base's weights of a fixture, whose wrapped names are those of PEFT's model in memory. */
const baseWeights = ({ weights }: Fixture): Tensors =>
  new Map(
    [...weights]
      .filter(([name]) => !/lora_|ia3_l|original_module|prompt_encoder/.test(name))
      .map(([name, tensor]) => [
        name
          .replace(/^base_model\.(model\.)?/, "")
          .replace(".base_layer", "")
          .replace("modules_to_save.default.", ""),
        tensor,
      ]),
  );

describe("files that PEFT wrote", () => {
  test.each(["lora_peft_bert", "ia3_peft_bert"])("%s gives the outputs that PEFT computed", async (name) => {
    const fixture = await readFixture(`adaptation/${name}`);
    const { graph, feeds } = bertFixtureGraph(fixture, "pooled");
    const { adapted, weights } = reattachAdapter(graph, baseWeights(fixture), peftAdapter(name));
    const outputs = await runGraph(adapted.graph, new Map([...weights, ...feeds]));
    expectClose(outputs.get("logits")!, fixture.outputs.get("logits")!, 1e-4, 1e-5, "logits");
  });

  test("lora_peft_bf16, all of whose biases were trained, gives the outputs that PEFT computed", async () => {
    const name = "lora_peft_bf16";
    const fixture = await readFixture(`adaptation/${name}`);
    const { graph, feeds } = bertFixtureGraph(fixture, "pooled");
    const read = peftAdapter(name);
    expect(read.config).toMatchObject({ bias: "all", dora: true, rankStabilized: true });
    const { adapted, weights } = reattachAdapter(graph, baseWeights(fixture), read);
    expect(adapted.parameters).toContain("bert.embeddings.LayerNorm.bias");
    const outputs = await runGraph(adapted.graph, new Map([...weights, ...feeds]));
    expectClose(outputs.get("logits")!, fixture.outputs.get("logits")!, 1e-4, 1e-5, "logits");
    const { config, bytes } = written(read);
    expect(config).toMatchObject({ bias: "all", modules_to_save: ["classifier"] });
    const theirs = [...readSafetensors(peftWeights(name)).tensors.keys()].filter(
      (entry) => !/original_module|modules_to_save/.test(entry),
    );
    expect([...readSafetensors(bytes).tensors.keys()].sort()).toEqual(theirs.sort());
  });

  test("prefix_tuning_gpt2 gives the outputs that PEFT computed", async () => {
    const fixture = await readFixture("adaptation/prefix_tuning_gpt2");
    const graph = new Graph("gpt");
    const config = gpt2ConfigSchema.parse({
      vocabularySize: 40,
      contextLength: 32,
      width: 24,
      depth: 2,
      heads: 3,
      hiddenWidth: 40,
      layout: "inOut",
    });
    const mask = graph.input("attention_mask", "float32", [2, 9]);
    graph.output("logits", gpt2(graph.input("input_ids", "int32", [2, 9]), config, mask));
    const read = peftAdapter("prefix_tuning_gpt2");
    if (read.config.type !== "prefixTuning") throw new Error("read as another type");
    // Where positions start is not in PEFT's files: transformers knows it of each model.
    const adapter = { ...read, config: { ...read.config, positions: "transformer.wpe.weight" } };
    const { adapted, weights } = reattachAdapter(graph, baseWeights(fixture), adapter);
    const feeds: Tensors = new Map([
      ["input_ids", toInt32(fixture.inputs.get("input_ids")!)],
      ["attention_mask", toFloat32(fixture.inputs.get("attention_mask")!)],
    ]);
    const outputs = await runGraph(adapted.graph, new Map([...weights, ...feeds]));
    expectClose(outputs.get("logits")!, fixture.outputs.get("logits")!, 1e-4, 1e-5, "logits");
  });

  test.each(["lora_peft_bert", "ia3_peft_bert", "prompt_tuning_gpt2", "prefix_tuning_gpt2"])(
    "%s is written back with the same entries and settings",
    (name) => {
      const { config, bytes } = written(peftAdapter(name));
      const [ours, theirs] = [readSafetensors(bytes).tensors, readSafetensors(peftWeights(name)).tensors];
      expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
      for (const [entry, tensor] of theirs) expect(ours.get(entry)).toEqual(tensor);
      const given = JSON.parse(peftConfig(name)) as Record<string, unknown>;
      const kept = [
        "peft_type",
        "r",
        "lora_alpha",
        "lora_dropout",
        "target_modules",
        "feedforward_modules",
        "num_virtual_tokens",
      ];
      for (const key of [...kept, "fan_in_fan_out", "bias"]) expect(config[key], key).toEqual(given[key]);
    },
  );
});

describe("files for PEFT", () => {
  async function fresh(given: unknown, also: readonly string[] = []) {
    const backend = await nodeCpu();
    const graph = new Graph("gpt");
    const config = gpt2ConfigSchema.parse({
      vocabularySize: 40,
      contextLength: 32,
      width: 24,
      depth: 2,
      heads: 3,
      layout: "inOut",
    });
    graph.output("logits", gpt2(graph.input("input_ids", "int32", [2, 9]), config));
    const weights = initializeParameters(graph, 1);
    const attached = await attachAdapter(graph, weights, adapterSchema.parse(given), { seed: 1, backend });
    return written(await detachAdapter(attached, attached.weights, backend, also));
  }

  test("DoRA with rank-stabilized scaling on weights [in, out]", async () => {
    const { config, bytes, text } = await fresh(
      {
        type: "lora",
        rank: 4,
        alpha: 6,
        dora: true,
        rankStabilized: true,
        targets: ["transformer.h.*.c_attn"],
        rankPattern: { "*.h.1.*": 2 },
      },
      ["transformer.ln_f.weight", "transformer.ln_f.bias"],
    );
    expect(config).toMatchObject({
      peft_type: "LORA",
      r: 4,
      lora_alpha: 6,
      use_dora: true,
      use_rslora: true,
      fan_in_fan_out: true,
      target_modules: ["transformer.h.0.attn.c_attn", "transformer.h.1.attn.c_attn"],
      rank_pattern: { "transformer.h.1.attn.c_attn": 2 },
      modules_to_save: ["transformer.ln_f"],
    });
    const shapes = [...readSafetensors(bytes).tensors].map(([name, { shape }]) => [name, shape]);
    const module = "base_model.model.transformer.h.1.attn.c_attn";
    expect(shapes).toContainEqual([`${module}.lora_A.weight`, [2, 24]]);
    expect(shapes).toContainEqual([`${module}.lora_B.weight`, [72, 2]]);
    expect(shapes).toContainEqual([`${module}.lora_magnitude_vector`, [72]]);
    expect(shapes).toContainEqual(["base_model.model.transformer.ln_f.bias", [24]]);
    const { config: read } = readAdapterFiles(text, bytes, "adapter");
    expect(read).toMatchObject({ type: "lora", rank: 4, alpha: 6, dora: true, rankStabilized: true });
  });

  test("biases of the adapted modules alone", async () => {
    const { config, bytes } = await fresh({ type: "lora", rank: 2, bias: "loraOnly", targets: ["c_attn"] });
    expect(config).toMatchObject({ bias: "lora_only", modules_to_save: null });
    const biases = [...readSafetensors(bytes).tensors.keys()].filter((entry) => entry.endsWith("bias"));
    expect(biases).toEqual([0, 1].map((i) => `base_model.model.transformer.h.${i}.attn.c_attn.base_layer.bias`));
  });

  test("a prefix with a projection is saved as what the projection gives", async () => {
    const { config, bytes } = await fresh({ type: "prefixTuning", virtualTokens: 4, projectionWidth: 6 });
    expect(config).toMatchObject({
      peft_type: "PREFIX_TUNING",
      num_virtual_tokens: 4,
      token_dim: 24,
      num_layers: 2,
      num_attention_heads: 3,
      prefix_projection: false,
    });
    expect(readSafetensors(bytes).tensors.get("prompt_embeddings")!.shape).toEqual([4, 96]);
  });
});

describe("what cannot be read is refused", () => {
  const lora = JSON.parse(peftConfig("lora_peft_bert")) as Record<string, unknown>;
  const read = (changes: object) => () =>
    readAdapterFiles(JSON.stringify({ ...lora, ...changes }), peftWeights("lora_peft_bert"), "adapter");

  test.each([
    ["biases of another kind", { bias: "some" }, /bias/],
    ["a key of a later PEFT", { kasa_config: { beta: 1 } }, /not supported: kasa_config/],
    ["another mixture", { use_bdlora: { match_strict: true } }, /use_bdlora/],
    ["a bias on B", { lora_bias: true }, /lora_bias/],
    ["weights changed at the start", { init_lora_weights: "pissa_niter_4" }, /init_lora_weights/],
    ["copied layers", { layer_replication: [[0, 2]] }, /layer_replication/],
    [
      "patterns that are regular expressions",
      { rank_pattern: { ".*layer\\.(0|1).*": 2 } },
      /rank_pattern|regular expressions/,
    ],
    ["another method", { peft_type: "VERA" }, /VERA are not known/],
    ["no method", { peft_type: undefined }, /no adapter/],
  ])("%s", (_what, changes, message) => {
    expect(read(changes)).toThrow(message);
  });

  test("broken files", () => {
    expect(() => readAdapterFiles("{", peftWeights("lora_peft_bert"), "adapter")).toThrow(/no valid JSON/);
    expect(() => readAdapterFiles(peftConfig("lora_peft_bert"), new Uint8Array(3), "adapter")).toThrow(/too few/);
    const foreign = writeSafetensors(
      new Map([["lora.weight", { dtype: "float32", shape: [1], data: new Float32Array(1) }]]),
    );
    expect(() => readAdapterFiles(peftConfig("lora_peft_bert"), foreign, "adapter")).toThrow(/unexpected entry/);
    expect(() => readAdapterFiles(peftConfig("prompt_tuning_gpt2"), foreign, "adapter")).toThrow(
      /no entry "prompt_embeddings"/,
    );
  });

  test("modules named by an expression are those of the entries", () => {
    const adapter = read({ target_modules: ".*attention\\.self\\.(query|value)" })();
    expect(adapter.config).toMatchObject({
      targets: [0, 1].flatMap((i) =>
        ["query", "value"].map((part) => `bert.encoder.layer.${i}.attention.self.${part}`),
      ),
    });
  });
});
