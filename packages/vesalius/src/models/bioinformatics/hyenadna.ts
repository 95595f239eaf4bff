import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  abs,
  add,
  convolution,
  exp,
  flip,
  gelu,
  linear,
  type Graph,
  multiply,
  negate,
  reshape,
  sin,
  slice,
  split,
  type Tensor,
  transpose,
  type Value,
} from "../../graph/index.ts";
import { causalConvolutionLayer } from "../layers/causal-convolution.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { fixedTable } from "../layers/fixed-table.ts";
import { layerNormLayer, linearLayer, transformerInit } from "../layers/linear.ts";
import { mlp } from "../layers/transformer.ts";
import { tableSize } from "../layers/table-size.ts";

/** Configuration of HyenaDNA; the defaults are those of `hyenadna-small-32k`. */
export const hyenaDnaConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(12),
  /** The table of tokens is padded to a multiple of this. */
  vocabularyMultiple: z.int().positive().default(8),
  width: z.int().positive().default(256),
  depth: z.int().positive().default(4),
  hiddenWidth: z.int().positive().default(1024),
  /** Longest sequence; the filters are defined over it. */
  maximumLength: z.int().positive().max(4_000_000).default(32770),
  /** Width of the perceptron that makes the filters. */
  filterWidth: z.int().positive().default(64),
  /** Its hidden layers beside the first and the last one. */
  filterLayers: z.int().nonnegative().default(2),
  /** Numbers for each position that the perceptron sees; odd. */
  filterPositions: z.int().positive().default(5),
  /** Start of the frequencies of the perceptron's sines. */
  frequency: z.number().positive().default(10),
  epsilon: z.number().positive().default(1e-5),
});

/** Configuration of HyenaDNA. */
export type HyenaDnaConfig = z.infer<typeof hyenaDnaConfigSchema>;

/** Tokens that the depthwise convolution in front of the long one sees. */
const shortFilterLength = 3;

/** Position in [0, 1], then real and imaginary parts of slow waves: `z` `[1, length, 1 + 2 bands]`. */
function positionTable(length: number, features: number): Tensor {
  const bands = (features - 1) / 2;
  const data = new Float32Array(tableSize(length, features));
  for (let t = 0; t < length; t++) {
    data[t * features] = length === 1 ? 0 : t / (length - 1);
    for (let band = 0; band < bands; band++) {
      const wave = bands === 1 ? 1e-4 : 1e-4 + ((bands - 1 - 1e-4) * band) / (bands - 1);
      const angle = (2 * Math.PI * t * wave) / length;
      data[t * features + 1 + band] = Math.cos(angle);
      data[t * features + 1 + bands + band] = -Math.sin(angle);
    }
  }
  return { dtype: "float32", shape: [1, length, features], data };
}

/** How fast the filter of each channel fades: between fading within 0.3 and within 1.5 of the length. */
function decayTable(width: number): Tensor {
  const [fast, slow] = [Math.log(1e-2) / 0.3, Math.log(1e-2) / 1.5];
  const data = Float32Array.from(
    { length: tableSize(width) },
    (_, i) => slow + ((fast - slow) * i) / Math.max(width - 1, 1),
  );
  return { dtype: "float32", shape: [1, 1, width], data };
}

interface FilterTables {
  /** `[1, maximumLength, filterPositions]` */
  readonly positions: Tensor;
  /** Position in [0, 1], `[1, maximumLength, 1]`. */
  readonly times: Tensor;
}

/** Every layer of a network reads the same tables: computing them for each would take as many times their memory. */
const filterTables = new WeakMap<HyenaDnaConfig, FilterTables>();

function tablesOf(config: HyenaDnaConfig): FilterTables {
  const known = filterTables.get(config);
  if (known !== undefined) return known;
  const { maximumLength, filterPositions } = config;
  const positions = positionTable(maximumLength, filterPositions);
  const data = Float32Array.from({ length: tableSize(maximumLength) }, (_, i) => i / Math.max(maximumLength - 1, 1));
  const made = { positions, times: { dtype: "float32", shape: [1, maximumLength, 1], data } as const };
  filterTables.set(config, made);
  return made;
}

/**
 * Filter of a long convolution, implicitly given by a perceptron with sines over positions and faded out with the
 * distance: parameters `pos_emb.z`, `pos_emb.t` and `modulation.deltas` (tables), `implicit_filter.*`.
 *
 * @returns `[length, width]`
 */
export function hyenaFilter(graph: Graph, name: string, length: number, config: HyenaDnaConfig): Value {
  const { filterWidth, width } = config;
  const { positions, times } = tablesOf(config);
  const table = (part: string, tensor: Tensor): Value => fixedTable(graph, `${name}.${part}`, tensor);
  const z = slice(table("pos_emb.z", positions), 1, 0, length);
  const t = slice(table("pos_emb.t", times), 1, 0, length);
  const deltas = table("modulation.deltas", decayTable(width));
  // The sine's frequencies are one parameter, which every layer of the perceptron shares.
  const frequency = graph.parameter(`${name}.implicit_filter.1.freq`, [1, filterWidth], {
    kind: "constant",
    value: config.frequency,
  });
  let h = z;
  for (let i = 0; i <= config.filterLayers; i++)
    h = sin(multiply(linearLayer(h, `${name}.implicit_filter.${2 * i}`, filterWidth), frequency));
  h = linearLayer(h, `${name}.implicit_filter.${2 * config.filterLayers + 2}`, width, { bias: false });
  // The shift keeps a little of the filter at every distance.
  const fade = add(exp(multiply(t, negate(abs(deltas)))), 0.05);
  return reshape(multiply(h, fade), [length, width]);
}

/**
 * Causal convolution with a filter as long as the sequence: `y[t] = sum_i filter[i] x[t - i] + bias x[t]`. Computed
 * directly, in time quadratic in the length and memory linear in it.
 *
 * @param x `[batch, channels, length]`
 * @param filter `[length, channels]`
 * @param bias `[channels]`
 */
export function longConvolution(x: Value, filter: Value, bias: Value): Value {
  const [, channels, length] = x.shape as [number, number, number];
  const kernel = reshape(transpose(flip(filter, [0]), [1, 0]), [channels, 1, length]);
  const convolved = convolution(x, kernel, undefined, { padding: length - 1, groups: channels });
  return add(slice(convolved, 2, 0, length), multiply(x, reshape(bias, [1, channels, 1])));
}

/** Hyena operator of order 2: `x0 * longConvolution(v * x1)` between two projections. */
function hyenaMixer(x: Value, name: string, config: HyenaDnaConfig): { mixed: Value; filter: Value } {
  const { width } = config;
  const projected = transpose(linearLayer(x, `${name}.in_proj`, 3 * width), [0, 2, 1]);
  const short = causalConvolutionLayer(projected, `${name}.short_filter`, shortFilterLength);
  const [first, second, value] = split(short, [width, width, width], 1) as [Value, Value, Value];
  const filter = hyenaFilter(x.graph, `${name}.filter_fn`, x.shape[1]!, config);
  const bias = x.graph.parameter(`${name}.filter_fn.bias`, [width], { kind: "normal", standardDeviation: 1 });
  const gated = multiply(longConvolution(multiply(value, second), filter, bias), first);
  return { mixed: linearLayer(transpose(gated, [0, 2, 1]), `${name}.out_proj`, width), filter };
}

/** What HyenaDNA gives. */
export interface HyenaDnaOutputs {
  /** Result of each layer's operator. */
  readonly mixed: readonly Value[];
  /** Filter of each layer `[length, width]`. */
  readonly filters: readonly Value[];
  /** After the last normalization, `[batch, length, width]`. */
  readonly hidden: Value;
}

/**
 * HyenaDNA (Nguyen et al. 2023) over nucleotides, with the parameter names of HazyResearch/hyena-dna
 * (`standalone_hyenadna.py`); long convolutions stand in place of attention.
 *
 * @param tokens `[batch, length]`, int32 or int64
 * @throws VesaliusError `shape-mismatch` when the sequence is longer than the filters
 */
export function hyenaDna(tokens: Value, config: HyenaDnaConfig): HyenaDnaOutputs {
  const { width, epsilon, maximumLength } = config;
  const length = tokens.shape[1]!;
  if (length > maximumLength)
    throw new VesaliusError("shape-mismatch", `a sequence of ${length} tokens, but filters for ${maximumLength}`, {
      fix: "cut the sequence, or take a model that was trained on longer ones",
    });
  let x = embeddingLayer(tokens, "backbone.embeddings.word_embeddings", paddedVocabulary(config), width).vectors;
  const mixed: Value[] = [];
  const filters: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    const layer = `backbone.layers.${i}`;
    const before = x;
    x = before.graph.block(layer, () => {
      const operator = hyenaMixer(layerNormLayer(before, `${layer}.norm1`, epsilon), `${layer}.mixer`, config);
      mixed.push(operator.mixed);
      filters.push(operator.filter);
      const middle = add(before, operator.mixed);
      const normed = layerNormLayer(middle, `${layer}.norm2`, epsilon);
      return add(middle, mlp(normed, `${layer}.mlp`, config.hiddenWidth, { activation: (y) => gelu(y, "tanh") }));
    });
  }
  return { mixed, filters, hidden: layerNormLayer(x, "backbone.ln_f", epsilon) };
}

/** Rows of the table of tokens. */
const paddedVocabulary = ({ vocabularySize, vocabularyMultiple }: HyenaDnaConfig): number =>
  Math.ceil(vocabularySize / vocabularyMultiple) * vocabularyMultiple;

/** Logits over the padded vocabulary `[batch, length, rows]` of last hidden states, from the table that the tokens use. */
export function hyenaDnaLogits(hidden: Value, config: HyenaDnaConfig): Value {
  const shape = [paddedVocabulary(config), config.width];
  return linear(hidden, hidden.graph.parameter("backbone.embeddings.word_embeddings.weight", shape, transformerInit));
}

/** Classifier on the mean over the sequence `[batch, width]`, `head.output_transform`: logits `[batch, classes]`. */
export const hyenaDnaClassifier = (pooled: Value, classes: number): Value =>
  linearLayer(pooled, "head.output_transform", classes);
