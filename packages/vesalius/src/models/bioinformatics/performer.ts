import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { add, gather, gelu, l2Normalize, multiply, slice, split, type Value } from "../../graph/index.ts";
import { mergeHeads, splitHeads } from "../layers/attention.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { fixedTable } from "../layers/fixed-table.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { mlp } from "../layers/transformer.ts";
import {
  linearAttention,
  orthogonalFeatures,
  performerKernelSchema,
  separateSoftmaxAttention,
} from "./performer-attention.ts";

/** Configuration of a Performer language model; the defaults are those of scBERT. */
export const performerConfigSchema = z.strictObject({
  /** Expression bins and special tokens. */
  vocabularySize: z.int().positive().default(7),
  maximumLength: z.int().positive().default(16907),
  width: z.int().positive().default(200),
  depth: z.int().positive().default(6),
  heads: z.int().positive().default(10),
  headWidth: z.int().positive().default(64),
  /** Number of random features; `headWidth * log(headWidth)` by default. */
  features: z.int().positive().optional(),
  feedForwardRatio: z.number().positive().default(4),
  /** Whether half of the perceptron's first layer is a factor of the other half. */
  gated: z.boolean().default(false),
  /**
   * How queries meet keys: by random features of the softmax, by a `kernel` of random projections, or without any
   * projection by softmax of queries over their features and of keys over the tokens.
   */
  attention: z.enum(["softmax", "kernel", "separateSoftmax"]).default("softmax"),
  /** Function of the projections, with `attention: kernel` only. */
  kernel: performerKernelSchema.default("relu"),
  /** What keeps the branches in bounds: layer normalization, vectors brought to one learned length, or a learned factor. */
  norm: z.enum(["layer", "scale", "rezero"]).default("layer"),
  /** Biases of queries, keys and values. */
  qkvBias: z.boolean().default(false),
  /** A vector for each position, `pos_emb.emb.weight`, which scBERT takes from gene2vec. */
  genePositions: z.boolean().default(true),
  /** Seed of the random features of a new model. */
  seed: z.int().default(0),
});

/** Configuration of a Performer language model. */
export type PerformerConfig = z.infer<typeof performerConfigSchema>;

const epsilon = 1e-5;

/** Most products for the random features of a network, which are made orthogonal one by one: a second or two. */
const mostWork = 2 ** 29;

/** Refuses random features that take long to draw, before any is drawn. */
function requireWork(features: number, { depth, headWidth }: PerformerConfig): void {
  if (depth * features * headWidth * Math.min(features, headWidth) <= mostWork) return;
  throw new VesaliusError(
    "bad-configuration",
    `the network asks for ${features} orthogonal random features of ${headWidth} numbers in each of ${depth} layers`,
    { fix: "use fewer features, heads of a smaller width, or fewer layers" },
  );
}

function attentionLayer(x: Value, name: string, config: PerformerConfig, mask?: Value): Value {
  const { heads, headWidth, attention } = config;
  const part = (letter: string): Value =>
    splitHeads(linearLayer(x, `${name}.to_${letter}`, heads * headWidth, { bias: config.qkvBias }), heads);
  const [query, key, value] = [part("q"), part("k"), part("v")];
  const projection = (): Value => {
    const features = config.features ?? Math.floor(headWidth * Math.log(headWidth));
    requireWork(features, config);
    const matrix = `${name}.fast_attention.projection_matrix`;
    return fixedTable(x.graph, matrix, orthogonalFeatures(features, headWidth, config.seed, matrix));
  };
  const attended =
    attention === "separateSoftmax"
      ? separateSoftmaxAttention(query, key, value, mask)
      : linearAttention(query, key, value, projection(), mask, attention === "softmax" ? "softmax" : config.kernel);
  return linearLayer(mergeHeads(attended), `${name}.to_out`, x.shape.at(-1)!);
}

/** A perceptron with GELU, half of whose first layer is a factor of the other half where it is gated (`ff_glu`). */
function feedForward(x: Value, name: string, hidden: number, gated: boolean): Value {
  if (!gated) return mlp(x, name, hidden, { names: ["w1", "w2"] });
  const [active, factor] = split(linearLayer(x, `${name}.w1`, 2 * hidden), [hidden, hidden], 2) as [Value, Value];
  return linearLayer(multiply(gelu(active), factor), `${name}.w2`, x.shape.at(-1)!);
}

/** What a layer adds: a function of the normalised input, or with ReZero a function of the input times a factor. */
function branch(x: Value, name: string, norm: PerformerConfig["norm"], apply: (value: Value) => Value): Value {
  const { graph } = x;
  if (norm === "layer") return apply(layerNormLayer(x, `${name}.norm`, epsilon));
  if (norm === "scale")
    return apply(multiply(l2Normalize(x, epsilon), graph.parameter(`${name}.g`, [1], { kind: "ones" })));
  return multiply(apply(x), graph.parameter(`${name}.g`, [], { kind: "constant", value: 1e-3 }));
}

/** What the layers of a Performer see. */
export interface PerformerInputs {
  /** `[batch, length]`, int32 or int64 */
  readonly tokens: Value;
  /** Row of the table of positions that each token has (its gene), int32 `[batch, length]`; 0, 1, 2, ... where left out. */
  readonly positions?: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, length]`; no padding where it is left out. */
  readonly mask?: Value;
}

/** The layers of a Performer encoder; see `performer`. */
export function performerStates(
  { tokens, positions, mask }: PerformerInputs,
  config: PerformerConfig,
): { readonly attended: readonly Value[]; readonly encodings: Value } {
  const { width, vocabularySize } = config;
  const normal = { kind: "normal", standardDeviation: 1 } as const;
  const { vectors } = embeddingLayer(tokens, "token_emb", vocabularySize, width, { initializer: normal });
  const placed = (): Value => {
    const table = tokens.graph.parameter("pos_emb.emb.weight", [config.maximumLength, width], normal);
    return positions === undefined ? slice(table, 0, 0, tokens.shape[1]!) : gather(table, positions);
  };
  let x = config.genePositions ? add(vectors, placed()) : vectors;
  const attended: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    const layer = (j: number): string => `performer.net.layers.${i}.${j}`;
    const hidden = Math.round(width * config.feedForwardRatio);
    const before = x;
    x = before.graph.block(`performer.net.layers.${i}`, () => {
      const attend = (value: Value): Value => {
        const y = attentionLayer(value, `${layer(0)}.fn`, config, mask);
        attended.push(y);
        return y;
      };
      const middle = add(before, branch(before, layer(0), config.norm, attend));
      const forward = (value: Value): Value => feedForward(value, `${layer(1)}.fn.fn`, hidden, config.gated);
      return add(middle, branch(middle, layer(1), config.norm, forward));
    });
  }
  return { attended, encodings: layerNormLayer(x, "norm", epsilon) };
}

/**
 * Performer encoder with a token head, as scBERT (Yang et al. 2022) uses it over the expression bins of all genes,
 * with the parameter names of TencentAILabHealthcare/scBERT (`performer_pytorch/performer_pytorch.py`).
 *
 * @param tokens `[batch, length]`, int32 or int64
 * @returns the result of each layer's attention and `encodings` `[batch, length, width]`, `logits`
 * `[batch, length, vocabularySize]`
 */
export function performer(
  tokens: Value,
  config: PerformerConfig,
): { readonly attended: readonly Value[]; readonly encodings: Value; readonly logits: Value } {
  const states = performerStates({ tokens }, config);
  return { ...states, logits: linearLayer(states.encodings, "to_out", config.vocabularySize) };
}
