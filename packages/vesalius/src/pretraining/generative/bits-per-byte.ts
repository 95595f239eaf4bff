import { VesaliusError } from "../../common/errors.ts";
import type { Split } from "../../data/index.ts";
import type { WeightedBackbone } from "../held-out.ts";
import { nextToken } from "./next-token.ts";
import { causalBits, type TextBitsOptions } from "./text-bits.ts";

/** How well a causal network predicts texts. */
export interface BitsPerByte {
  /** Bits of all texts by their bytes: comparable whatever the tokenizer. */
  readonly bitsPerByte: number;
  /** `exp` of the mean loss of a token: comparable for one tokenizer only. */
  readonly perplexity: number;
  readonly tokens: number;
  readonly bytes: number;
}

/**
 * Bits per byte of texts under a causal network (Gao et al. 2020, The Pile, section 3.1): the losses of all tokens over the
 * bytes of all texts.
 *
 * @param split texts that were not trained on
 * @throws VesaliusError `bad-data` where tokens do not stand for all of a text, or texts are longer than the network reads:
 * what is lost would count as free; `bad-configuration` for networks that are no causal decoder
 *
 * @example
 * const { bitsPerByte: bits } = await bitsPerByte(pretrained, notes.splits.validation);
 */
export async function bitsPerByte(
  backbone: WeightedBackbone,
  split: Split,
  options: TextBitsOptions = {},
): Promise<BitsPerByte> {
  nextToken({ role: options.role ?? "text" }).feeds(backbone);
  const { bits, bytes: lengths, tokens, nats, leftOut } = await causalBits(backbone, split, options);
  const [reason] = Object.entries(leftOut);
  if (reason !== undefined)
    throw new VesaliusError("bad-data", `${reason[1]} texts cannot be measured: ${reason[0]}`, {
      where: `split ${split.name}`,
      fix: "cut them into windows first (step windows), raise maximumLength of the tokens, or choose a tokenizer that loses nothing (byteLevelBpe)",
    });
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const bytes = sum(lengths);
  return { bitsPerByte: sum(bits) / bytes, perplexity: Math.exp(nats / tokens), tokens, bytes };
}
