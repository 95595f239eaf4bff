import { expect, test } from "vitest";
import { batchFeeds, exampleInputs, featureGraph, nanoNetwork } from "../../models/architectures.test.helper.ts";
import { applyIa3 } from "./ia3.ts";

/** What is rescaled of the first block of a network, without settings; a `!` marks inputs. */
function rescaled(name: string): string[] {
  const network = nanoNetwork(name);
  const { graph } = featureGraph(network, batchFeeds([exampleInputs(network, 1, 12, 12)]), false);
  const { modules } = applyIa3(graph, {});
  return modules.flatMap(({ module, on }) => {
    const [, last] = /^\D*\b0\.(.+)$/.exec(module) ?? [];
    return last === undefined ? [] : [`${last}${on === "input" ? "!" : ""}`];
  });
}

// PEFT's `TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING` where it knows the network; its `output.dense` of BERT also
// matches the projection behind attention, which the paper leaves alone.
test.each([
  ["bert", ["attention.self.key", "attention.self.value", "output.dense!"]],
  ["gpt2", ["attn.c_attn", "mlp.c_proj!"]],
  ["llama", ["self_attn.k_proj", "self_attn.v_proj", "mlp.down_proj!"]],
  ["t5", ["layer.0.SelfAttention.k", "layer.0.SelfAttention.v", "layer.1.DenseReluDense.wo!"]],
  ["bart", ["self_attn.k_proj", "self_attn.v_proj", "fc2!"]],
  ["vit", ["attn.qkv", "mlp.fc2!"]],
  ["esm2", ["self_attn.k_proj", "self_attn.v_proj", "fc2!"]],
  ["geneTransformer", ["self_attn.in_proj_weight", "linear2!"]],
  ["hyenaDna", ["mlp.fc2!"]],
])("without targets it rescales keys, values and hidden activations of %s", (name, expected) => {
  expect(rescaled(name)).toEqual(expected);
});

test.each([
  ["perceptron", /nothing that it adapts.*layers\.0\.linear/s],
  ["resnet", /no numbered blocks with linear layers/],
])("says of %s that there is nothing to rescale", (name, message) => {
  expect(() => rescaled(name)).toThrow(message);
});
