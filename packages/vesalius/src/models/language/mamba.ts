import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  exp,
  type Graph,
  linear,
  matMul,
  multiply,
  negate,
  pad,
  reshape,
  silu,
  slice,
  softplus,
  split,
  type Tensor,
  transpose,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { causalConvolutionLayer } from "../layers/causal-convolution.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { linearLayer, rmsNormLayer, transformerInit } from "../layers/linear.ts";
import { tableSize } from "../layers/table-size.ts";

/** Configuration of a Mamba language model; the defaults are those of mamba-130m. */
export const mambaConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(50277),
  /** The table of tokens is padded to a multiple of this. */
  vocabularyMultiple: z.int().positive().default(8),
  width: z.int().positive().default(768),
  depth: z.int().positive().default(24),
  /** Numbers of state for each channel. */
  stateWidth: z.int().positive().default(16),
  /** Inner width divided by the width. */
  expansion: z.int().positive().default(2),
  /** Rank of the projection to the step sizes; a sixteenth of the width by default. */
  stepRank: z.int().positive().optional(),
  /** Tokens that the short convolution sees. */
  convolutionWidth: z.int().positive().default(4),
  convolutionBias: z.boolean().default(true),
  /** Biases of the projections into and out of a block. */
  bias: z.boolean().default(false),
  epsilon: z.number().positive().default(1e-5),
});

/** Configuration of a Mamba language model. */
export type MambaConfig = z.infer<typeof mambaConfigSchema>;

/**
 * All states of the recurrence `h[t] = decay[t] h[t - 1] + input[t]`, `h[-1] = 0`, along axis 1, by doubling (Hillis
 * and Steele 1986): step k joins each position with the one 2^k before it, so the graph has log2(length) steps where
 * the loop has length, and every product of decays is built by multiplication, never by division.
 *
 * @param decay `[batch, length, ...]`
 * @param input same shape
 * @returns same shape
 * @throws VesaliusError `shape-mismatch` when the two differ
 */
export function linearRecurrence(decay: Value, input: Value): Value {
  if (decay.shape.join() !== input.shape.join())
    throw new VesaliusError("shape-mismatch", "decay and input of a recurrence must have one shape", {
      where: input.name,
    });
  const length = input.shape[1]!;
  /** The value `distance` positions before, zero in front of the first. */
  const before = (x: Value, distance: number): Value =>
    pad(slice(x, 1, 0, length - distance), [0, distance, ...Array.from({ length: 2 * x.rank - 2 }, () => 0)]);
  let [a, h] = [decay, input];
  for (let distance = 1; distance < length; distance *= 2) {
    h = add(h, multiply(a, before(h, distance)));
    // In front of the first position there is nothing to decay: any factor does, and zero needs no other padding.
    if (2 * distance < length) a = multiply(a, before(a, distance));
  }
  return h;
}

/** Every layer of a network starts from the same table: computing it for each would take as many times its memory. */
const stateStarts = new WeakMap<MambaConfig, Tensor>();

/** `log(1), log(2), ...` for each channel (S4D-Real, Gu et al. 2022). */
function stateStart(channels: number, config: MambaConfig): Tensor {
  const known = stateStarts.get(config);
  if (known !== undefined && known.shape[0] === channels) return known;
  const states = config.stateWidth;
  const row = Float32Array.from({ length: states }, (_, i) => Math.log(i + 1));
  const data = new Float32Array(tableSize(channels, states));
  for (let start = 0; start < data.length; start += states) data.set(row, start);
  const table: Tensor = { dtype: "float32", shape: [channels, states], data };
  stateStarts.set(config, table);
  return table;
}

/**
 * Selective state space: `h[t] = exp(step A) h[t - 1] + step B x[t]`, `y[t] = C h[t] + D x[t]`, where step, B and C
 * are computed from x.
 *
 * @param x `[batch, length, channels]`
 */
function selectiveScan(x: Value, name: string, config: MambaConfig): Value {
  const graph: Graph = x.graph;
  const channels = x.shape[2]!;
  const { stateWidth } = config;
  const rank = config.stepRank ?? Math.ceil(config.width / 16);
  const logA = graph.parameter(`${name}.A_log`, [channels, stateWidth], {
    kind: "values",
    tensor: stateStart(channels, config),
  });
  const skip = graph.parameter(`${name}.D`, [channels], { kind: "ones" });
  const projected = linearLayer(x, `${name}.x_proj`, rank + 2 * stateWidth, { bias: false });
  const [low, b, c] = split(projected, [rank, stateWidth, stateWidth], 2) as [Value, Value, Value];
  const step = unsqueeze(softplus(linearLayer(low, `${name}.dt_proj`, channels)), [3]);
  const decay = exp(multiply(step, negate(exp(logA))));
  const input = multiply(multiply(step, unsqueeze(b, [2])), unsqueeze(x, [3]));
  const states = linearRecurrence(decay, input);
  return add(reshape(matMul(states, unsqueeze(c, [3])), x.shape), multiply(x, skip));
}

/**
 * Block of Mamba with the parameters `in_proj`, `conv1d`, `x_proj`, `dt_proj`, `A_log`, `D`, `out_proj`.
 *
 * @param x `[batch, length, width]`
 */
export function mambaMixer(x: Value, name: string, config: MambaConfig): Value {
  const inner = config.expansion * config.width;
  const bare = { bias: config.bias };
  const both = linearLayer(x, `${name}.in_proj`, 2 * inner, bare);
  const [stream, gate] = split(both, [inner, inner], 2) as [Value, Value];
  const convolved = causalConvolutionLayer(transpose(stream, [0, 2, 1]), `${name}.conv1d`, config.convolutionWidth, {
    bias: config.convolutionBias,
  });
  const mixed = silu(transpose(convolved, [0, 2, 1]));
  const scanned = multiply(selectiveScan(mixed, name, config), silu(gate));
  return linearLayer(scanned, `${name}.out_proj`, config.width, bare);
}

/** Logits over the padded vocabulary `[batch, length, rows]` of last hidden states, from the table that the tokens use. */
export const mambaLogits = (final: Value, config: MambaConfig): Value =>
  linear(final, final.graph.parameter("embedding.weight", [paddedVocabulary(config), config.width], transformerInit));

/** Rows of the table of tokens. */
const paddedVocabulary = ({ vocabularySize, vocabularyMultiple }: MambaConfig): number =>
  Math.ceil(vocabularySize / vocabularyMultiple) * vocabularyMultiple;

/**
 * Mamba language model (Gu and Dao 2023) with the parameter names of the published checkpoints as
 * johnma2006/mamba-minimal (`model.py`) reads them; the output layer shares the table of tokens.
 *
 * @param tokens `[batch, length]`, int32 or int64
 * @returns the result of each block, of each layer and after the last normalization `[batch, length, width]`, logits over
 * the padded vocabulary
 */
export function mamba(
  tokens: Value,
  config: MambaConfig,
): {
  readonly mixed: readonly Value[];
  readonly hidden: readonly Value[];
  readonly final: Value;
  readonly logits: Value;
} {
  const { epsilon } = config;
  const { vectors } = embeddingLayer(tokens, "embedding", paddedVocabulary(config), config.width);
  const hidden = [vectors];
  const mixed: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    const x = hidden.at(-1)!;
    tokens.graph.block(`layers.${i}`, () => {
      const y = mambaMixer(rmsNormLayer(x, `layers.${i}.norm`, epsilon), `layers.${i}.mixer`, config);
      mixed.push(y);
      hidden.push(add(x, y));
    });
  }
  const final = rmsNormLayer(hidden.at(-1)!, "norm_f", epsilon);
  return { mixed, hidden, final, logits: mambaLogits(final, config) };
}
