import { z } from "zod";
import type { Value } from "../../graph/index.ts";
import { loadBalancingLoss, mixtureOfExperts, type MixtureOutputs } from "../layers/mixture-of-experts.ts";
import { readPublishedConfig } from "../layers/published-config.ts";
import {
  gatedFeedForward,
  llamaConfigSchema,
  type LlamaInputs,
  llamaLogits,
  type LlamaOutputs,
  type LlamaStates,
  llamaStates,
  mixtralSettings,
} from "./llama.ts";

/** Configuration of a Mixtral decoder; the defaults are those of Mixtral 8x7B. */
export const mixtralConfigSchema = llamaConfigSchema.extend({
  keyValueHeads: z.int().positive().default(8),
  hiddenWidth: z.int().positive().default(14336),
  maximumPositions: z.int().positive().default(32768),
  epsilon: z.number().positive().default(1e-5),
  rotaryTheta: z.number().positive().default(1e6),
  experts: z.int().positive().default(8),
  expertsPerToken: z.int().positive().default(2),
});

/** Configuration of a Mixtral decoder. */
export type MixtralConfig = z.infer<typeof mixtralConfigSchema>;

/**
 * Configuration from the `config.json` of a Mixtral checkpoint.
 *
 * @throws VesaliusError `bad-configuration` where keys are missing or ask for another architecture
 */
export const mixtralConfigFromHuggingFace = (config: unknown): MixtralConfig =>
  readPublishedConfig("this config.json is no Mixtral that can be built", mixtralConfigSchema, mixtralSettings(config));

/** What a Mixtral decoder gives. */
export interface MixtralOutputs extends LlamaOutputs {
  /** Router and choices of each layer. */
  readonly routing: readonly MixtureOutputs[];
  /** Load-balancing loss, scalar. */
  readonly balance: Value;
}

/** All layers of a Mixtral decoder before its last, and its routing; see `mixtral`. */
export function mixtralStates(
  inputs: LlamaInputs,
  config: MixtralConfig,
): LlamaStates & Pick<MixtralOutputs, "routing" | "balance"> {
  const routing: MixtureOutputs[] = [];
  const states = llamaStates(inputs, config, (x, layer) => {
    const name = `${layer}.block_sparse_moe`;
    const count = { experts: config.experts, perToken: config.expertsPerToken };
    const mixture = mixtureOfExperts(x, `${name}.gate`, count, (tokens, i) => {
      const expert = `${name}.experts.${i}`;
      const { activation } = config;
      return gatedFeedForward(tokens, [`${expert}.w1`, `${expert}.w2`, `${expert}.w3`], config.hiddenWidth, {
        activation,
      });
    });
    routing.push(mixture);
    return mixture.output;
  });
  return { ...states, routing, balance: loadBalancingLoss(routing) };
}

/**
 * Mixtral (Jiang et al. 2024): a LLaMA decoder whose perceptrons are mixtures of experts, with the parameter names of
 * Hugging Face (transformers, `modeling_mixtral.py`): `block_sparse_moe.gate`, `block_sparse_moe.experts.0.w1`, ...
 */
export function mixtral(inputs: LlamaInputs, config: MixtralConfig): MixtralOutputs {
  const states = mixtralStates(inputs, config);
  return { ...states, logits: llamaLogits(inputs.decoding?.select?.(states.final) ?? states.final, config) };
}
