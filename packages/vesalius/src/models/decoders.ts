import { VesaliusError } from "../common/errors.ts";
import type { Value } from "../graph/index.ts";
import { bart, type BartConfig } from "./language/bart.ts";
import { gpt2Layers, type Gpt2Config } from "./language/gpt2.ts";
import { llama, type LlamaConfig } from "./language/llama.ts";
import { mixtral, type MixtralConfig } from "./language/mixtral.ts";
import { t5, type T5Config } from "./language/t5.ts";
import type { Decoding } from "./layers/decoding.ts";

/** A decoder that goes on with a text: what generation has to know of it. */
export interface CausalDecoder {
  readonly kind: "causal";
  readonly vocabularySize: number;
  /** Most tokens that a text may have, prompt included. */
  readonly contextLength: number;
  /**
   * Logits `[batch, selected, vocabularySize]` of tokens `[batch, length]`, int32, all of them real or followed by
   * padding on the right.
   */
  readonly logits: (tokens: Value, decoding: Decoding) => Value;
}

/** An encoder that reads the prompt and a decoder that writes a text of its own. */
export interface EncoderDecoder {
  readonly kind: "encoder-decoder";
  readonly vocabularySize: number;
  /** Most tokens that the decoder may write, the start tokens included. */
  readonly contextLength: number;
  /** Most tokens of a prompt. */
  readonly promptLength: number;
  /** What the decoder is given to begin with. */
  readonly startTokens: readonly number[];
  /** Logits `[batch, selected, vocabularySize]` of the decoder's tokens. */
  readonly logits: (inputs: {
    readonly tokens: Value;
    readonly mask: Value;
    readonly decoderTokens: Value;
    readonly decoding: Decoding;
  }) => Value;
}

/** GPT-2 (Radford et al. 2019) as a generator. */
export const gpt2Decoder = (config: Gpt2Config): CausalDecoder => ({
  kind: "causal",
  vocabularySize: config.vocabularySize,
  contextLength: config.contextLength,
  logits: (tokens, decoding) => gpt2Layers(tokens, config, undefined, decoding).logits,
});

/** LLaMA (Touvron et al. 2023) as a generator. */
export const llamaDecoder = (config: LlamaConfig): CausalDecoder => ({
  kind: "causal",
  vocabularySize: config.vocabularySize,
  contextLength: config.maximumPositions,
  logits: (tokens, decoding) => llama({ tokens, decoding }, config).logits,
});

/** Mixtral (Jiang et al. 2024) as a generator. */
export const mixtralDecoder = (config: MixtralConfig): CausalDecoder => ({
  kind: "causal",
  vocabularySize: config.vocabularySize,
  contextLength: config.maximumPositions,
  logits: (tokens, decoding) => mixtral({ tokens, decoding }, config).logits,
});

/** What a checkpoint's `generation_config.json` says of how a decoder starts. */
export interface StartOptions {
  /** `decoder_start_token_id`, then `forced_bos_token_id` where there is one. */
  readonly startTokens?: readonly number[];
}

/** A decoder needs a token to begin with: its logits say what follows. */
function startTokensOf({ startTokens }: StartOptions, usual: number): readonly number[] {
  if (startTokens?.length === 0)
    throw new VesaliusError("bad-configuration", "the decoder has no token to start with", {
      where: "startTokens",
      fix: `give the checkpoint's decoder_start_token_id, usually ${usual}`,
    });
  return startTokens ?? [usual];
}

/**
 * BART (Lewis et al. 2020) as a generator; its decoder starts with token 2 by default.
 *
 * @throws VesaliusError `bad-configuration` for an empty list of start tokens
 */
export const bartGenerator = (config: BartConfig, options: StartOptions = {}): EncoderDecoder => ({
  kind: "encoder-decoder",
  vocabularySize: config.vocabularySize,
  contextLength: config.maximumPositions,
  promptLength: config.maximumPositions,
  startTokens: startTokensOf(options, 2),
  logits: (inputs) => bart(inputs, config).logits,
});

/**
 * T5 (Raffel et al. 2020) as a generator; its decoder starts with token 0 by default. Relative positions set no limit
 * to its texts.
 *
 * @throws VesaliusError `bad-configuration` for an empty list of start tokens
 */
export const t5Generator = (config: T5Config, options: StartOptions = {}): EncoderDecoder => ({
  kind: "encoder-decoder",
  vocabularySize: config.vocabularySize,
  contextLength: Infinity,
  promptLength: Infinity,
  startTokens: startTokensOf(options, 0),
  logits: (inputs) => t5(inputs, config).logits,
});
