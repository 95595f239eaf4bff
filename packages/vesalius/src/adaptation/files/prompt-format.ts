import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Tensors } from "../../graph/index.ts";
import { keysIn } from "../../models/index.ts";
import { promptParameter } from "../prompts/prompt-tuning.ts";
import {
  type AdapterFormat,
  modulesToSave,
  parsePeft,
  peftHead,
  type SavedAdapter,
  withoutPrefix,
  withPrefix,
} from "./format.ts";

/** Name of the learned tokens in PEFT's files. */
const entry = "prompt_embeddings";
/** Prompts stand beside the model, not around its modules, so that its names have a shorter prefix. */
const prefix = "base_model.";

const shared = {
  num_virtual_tokens: z.int().positive(),
  num_transformer_submodules: z.literal(1).nullish(),
};
/** A prompt encoder of P-tuning is over once the adapter is saved: the entry holds what it gave. */
const promptSchema = z.object({ peft_type: z.enum(["PROMPT_TUNING", "P_TUNING"]), ...shared });
const prefixSchema = z.object({ peft_type: z.literal("PREFIX_TUNING"), ...shared });

/** Sizes of the base, and how the tokens started or were trained. */
const neutralKeys = keysIn(
  "token_dim num_attention_heads num_layers prompt_tuning_init prompt_tuning_init_text tokenizer_name_or_path " +
    "tokenizer_kwargs encoder_hidden_size prefix_projection encoder_reparameterization_type encoder_num_layers encoder_dropout",
);

function written(
  type: string,
  weights: Tensors,
  virtualTokens: number,
  peft: Readonly<Record<string, unknown>> = {},
): Pick<SavedAdapter, "config" | "tensors"> {
  const others = new Map([...weights].filter(([name]) => name !== promptParameter));
  const saved = modulesToSave(others.keys());
  return {
    config: {
      ...peftHead(type),
      ...(saved.length === 0 ? {} : { modules_to_save: saved }),
      num_virtual_tokens: virtualTokens,
      num_transformer_submodules: 1,
      ...peft,
    },
    tensors: new Map([...withPrefix(others, prefix), [entry, weights.get(promptParameter)!]]),
  };
}

function readWeights(tensors: Tensors, where: string): Tensors {
  const { [entry]: _tokens, ...others } = Object.fromEntries(tensors);
  const tokens = tensors.get(entry);
  if (tokens === undefined) throw new VesaliusError("bad-file", `there is no entry "${entry}"`, { where });
  return new Map([...withoutPrefix(new Map(Object.entries(others)), where, prefix), [promptParameter, tokens]]);
}

/** PEFT's files of prompt tuning; the table of tokens, where it was named, stands in the metadata. */
export const promptFormat: AdapterFormat<"promptTuning"> = {
  write: ({ config: { virtualTokens, table }, weights, peft }) => {
    const { config, tensors } = written("PROMPT_TUNING", weights, virtualTokens, peft);
    const started = { prompt_tuning_init: "RANDOM", prompt_tuning_init_text: null, tokenizer_name_or_path: null };
    return { config: { ...config, ...started }, tensors, metadata: table === undefined ? {} : { table } };
  },
  read: ({ config, tensors, metadata }, where) => ({
    config: {
      type: "promptTuning",
      virtualTokens: parsePeft(promptSchema, "prompt tuning", config, where, neutralKeys).num_virtual_tokens,
      ...(metadata?.["table"] === undefined ? {} : { table: metadata["table"] }),
    },
    weights: readWeights(tensors, where),
  }),
};

/** PEFT's files of prefix tuning; the table of positions, where there is one, stands in the metadata. */
export const prefixFormat: AdapterFormat<"prefixTuning"> = {
  write: ({ config: { virtualTokens, positions }, weights, peft }) => {
    const { config, tensors } = written("PREFIX_TUNING", weights, virtualTokens, peft);
    return {
      config: { ...config, prefix_projection: false },
      tensors,
      metadata: positions === undefined ? {} : { positions },
    };
  },
  read: ({ config, tensors, metadata }, where) => ({
    config: {
      type: "prefixTuning",
      // A projection is over once the adapter is saved: the entry holds what it gave.
      virtualTokens: parsePeft(prefixSchema, "prefix tuning", config, where, neutralKeys).num_virtual_tokens,
      ...(metadata?.["positions"] === undefined ? {} : { positions: metadata["positions"] }),
    },
    weights: readWeights(tensors, where),
  }),
};
