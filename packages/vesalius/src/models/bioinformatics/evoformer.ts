import { z } from "zod";
import { add, divide, matMul, multiply, reshape, transpose, type Value } from "../../graph/index.ts";
import { linearLayer } from "../layers/linear.ts";
import { column, gatedAttention, norm, pairBias, pairStack, swap, transition } from "../layers/pair-stack.ts";

/** Configuration of an Evoformer block; the defaults are those of AlphaFold 2. */
export const evoformerConfigSchema = z.strictObject({
  /** Width of the sequences' vectors; that of the pairs comes with the input. */
  msaHeadWidth: z.int().positive().default(32),
  msaHeads: z.int().positive().default(8),
  /** Width of the factors of the outer product. */
  outerWidth: z.int().positive().default(32),
  /** Width of the triangle updates. */
  triangleWidth: z.int().positive().default(128),
  pairHeadWidth: z.int().positive().default(32),
  pairHeads: z.int().positive().default(4),
  /** Hidden width of the perceptrons divided by the width. */
  transitionRatio: z.int().positive().default(4),
  /** Whether sequences look at each other; false in the stack of extra sequences. */
  columnAttention: z.boolean().default(true),
  /** Update the pairs from the sequences first, as in AlphaFold-Multimer, instead of after these. */
  outerProductFirst: z.boolean().default(false),
});

/** Configuration of an Evoformer block. */
export type EvoformerConfig = z.infer<typeof evoformerConfigSchema>;

/** What a block works on. */
export interface EvoformerState {
  /** Aligned sequences `[batch, sequences, residues, msaWidth]`. */
  readonly msa: Value;
  /** Pairs of residues `[batch, residues, residues, pairWidth]`. */
  readonly pair: Value;
}

/** 1 for what is there, else 0, float32. */
export interface EvoformerMasks {
  /** `[batch, sequences, residues]` */
  readonly msa: Value;
  /** `[batch, residues, residues]` */
  readonly pair: Value;
}

const outerEpsilon = 1e-3;

/** Attention between the residues of each sequence, biased by the pairs (algorithm 7 of AlphaFold 2). */
export function msaRowAttention(
  { msa, pair }: EvoformerState,
  mask: Value,
  config: EvoformerConfig,
  name = "msa_att_row",
): Value {
  const bias = pairBias(norm(pair, `${name}.layer_norm_z`), `${name}.linear_z`, config.msaHeads);
  const size = { heads: config.msaHeads, headWidth: config.msaHeadWidth };
  return gatedAttention(norm(msa, `${name}.layer_norm_m`), `${name}.mha`, size, mask, bias);
}

/** Attention between the sequences at each residue (algorithm 8). */
function msaColumnAttention(msa: Value, mask: Value, name: string, config: EvoformerConfig): Value {
  const normed = norm(swap(msa), `${name}.layer_norm_m`);
  const size = { heads: config.msaHeads, headWidth: config.msaHeadWidth };
  return swap(gatedAttention(normed, `${name}.mha`, size, swap(mask)));
}

/** Pairs from the mean over the sequences of the outer product of two residues (algorithm 10). */
function outerProductMean(msa: Value, mask: Value, name: string, pairWidth: number, config: EvoformerConfig): Value {
  const [batch, sequences, residues] = msa.shape as [number, number, number];
  const width = config.outerWidth;
  const normed = norm(msa, `${name}.layer_norm`);
  const factor = (part: string): Value => multiply(linearLayer(normed, `${name}.${part}`, width), column(mask));
  const flat = [batch, sequences, residues * width];
  const left = transpose(reshape(factor("linear_1"), flat), [0, 2, 1]);
  const products = matMul(left, reshape(factor("linear_2"), flat));
  const paired = transpose(reshape(products, [batch, residues, width, residues, width]), [0, 1, 3, 2, 4]);
  const outer = linearLayer(
    reshape(paired, [batch, residues, residues, width * width]),
    `${name}.linear_out`,
    pairWidth,
  );
  return divide(outer, column(add(matMul(swap(mask), mask), outerEpsilon)));
}

/**
 * Evoformer block of AlphaFold 2 (Jumper et al. 2021) with the parameter names of aqlaboratory/openfold
 * (`openfold/model/evoformer.py`).
 *
 * @param prefix of the parameter names, `evoformer.blocks.0.` in whole models
 */
export function evoformerBlock(
  state: EvoformerState,
  masks: EvoformerMasks,
  config: EvoformerConfig,
  prefix = "",
): EvoformerState {
  const pairWidth = state.pair.shape[3]!;
  const outer = (msa: Value): Value =>
    outerProductMean(msa, masks.msa, `${prefix}outer_product_mean`, pairWidth, config);
  return state.pair.graph.block(`${prefix}evoformer`, () => {
    let { msa, pair } = state;
    if (config.outerProductFirst) pair = add(pair, outer(msa));
    msa = add(msa, msaRowAttention({ msa, pair }, masks.msa, config, `${prefix}msa_att_row`));
    if (config.columnAttention)
      msa = add(msa, msaColumnAttention(msa, masks.msa, `${prefix}msa_att_col._msa_att`, config));
    msa = add(msa, transition(msa, masks.msa, `${prefix}msa_transition`, config.transitionRatio));
    if (!config.outerProductFirst) pair = add(pair, outer(msa));
    return { msa, pair: pairStack(pair, masks.pair, `${prefix}pair_stack`, config) };
  });
}
