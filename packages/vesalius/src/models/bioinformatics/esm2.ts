import { z } from "zod";
import {
  add,
  cast,
  concat,
  divide,
  equal,
  gelu,
  type Initializer,
  linear,
  maximum,
  multiply,
  reduceSum,
  reshape,
  sigmoid,
  sliceAxes,
  subtract,
  transpose,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { multiHeadAttention } from "../layers/attention.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import { rotaryEmbedding } from "../layers/rotary.ts";
import { mlp } from "../layers/transformer.ts";

/** Configuration of an ESM-2 protein language model; the defaults are those of `esm2_t33_650M_UR50D`. */
export const esm2ConfigSchema = z.strictObject({
  vocabularySize: z.int().positive().default(33),
  width: z.int().positive().default(1280),
  depth: z.int().positive().default(33),
  heads: z.int().positive().default(20),
  epsilon: z.number().positive().default(1e-5),
  paddingToken: z.int().nonnegative().default(1),
  endToken: z.int().nonnegative().default(2),
  maskToken: z.int().nonnegative().default(32),
  /** Leave out the vectors of mask tokens and scale the others up, as ESM-2 was trained. */
  tokenDropout: z.boolean().default(true),
});

/** Configuration of an ESM-2 protein language model. */
export type Esm2Config = z.infer<typeof esm2ConfigSchema>;

/** What the layers of an ESM-2 model give. */
export interface Esm2States {
  /** The embeddings, then the result of each layer, the last one after the last normalization: `[batch, length, width]`. */
  readonly representations: readonly Value[];
  /** Attention of each layer `[batch, heads, length, length]`, zero from and to padding. */
  readonly attentions: readonly Value[];
}

/** What an ESM-2 model gives. */
export interface Esm2Outputs extends Esm2States {
  /** `[batch, length, vocabularySize]` */
  readonly logits: Value;
}

/** Share of tokens that were mask tokens in training: 15% chosen, 80% of these masked. */
const trainedMaskRatio = 0.15 * 0.8;

const is = (tokens: Value, token: number): Value =>
  cast(equal(tokens, tokens.graph.scalar(token, tokens.dtype)), "float32");
const not = (x: Value): Value => subtract(x.graph.scalar(1), x);
const column = (x: Value): Value => unsqueeze(x, [x.rank]);

function embeddings(tokens: Value, kept: Value, config: Esm2Config): Value {
  const { paddingToken, maskToken } = config;
  const { vectors } = embeddingLayer(tokens, "embed_tokens", config.vocabularySize, config.width, {
    paddingToken,
    initializer: tableInit,
  });
  if (!config.tokenDropout) return multiply(vectors, column(kept));
  const masked = is(tokens, maskToken);
  const observed = divide(reduceSum(masked, [1]), maximum(reduceSum(kept, [1]), 1));
  const scale = divide(tokens.graph.scalar(1 - trainedMaskRatio), not(observed));
  return multiply(vectors, column(multiply(multiply(kept, not(masked)), scale)));
}

/** Start of the table of tokens. */
const tableInit: Initializer = { kind: "normal", standardDeviation: 1 };

/** Head of masked language modelling, `lm_head.*`, on last representations: logits `[batch, length, vocabularySize]`. */
export function esm2Logits(final: Value, { vocabularySize, width, epsilon }: Esm2Config): Value {
  const dense = layerNormLayer(gelu(linearLayer(final, "lm_head.dense", width)), "lm_head.layer_norm", epsilon);
  const table = final.graph.parameter("embed_tokens.weight", [vocabularySize, width], tableInit);
  return linear(dense, table, final.graph.parameter("lm_head.bias", [vocabularySize], { kind: "zeros" }));
}

/**
 * All layers of an ESM-2 model; see `esm2`.
 *
 * @param mask 1 for tokens, 0 for padding, float32 `[batch, length]`; follows from the padding token where it is left out
 */
export function esm2States(tokens: Value, config: Esm2Config, mask?: Value): Esm2States {
  const { width, heads, epsilon } = config;
  const graph = tokens.graph;
  const kept = mask ?? not(is(tokens, config.paddingToken));
  const bias = paddingBias(kept);
  const seen = unsqueeze(multiply(unsqueeze(kept, [1]), unsqueeze(kept, [2])), [1]);
  const representations = [embeddings(tokens, kept, config)];
  const attentions: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    const layer = `layers.${i}`;
    const before = representations.at(-1)!;
    const at = (part: string): string => `${layer}.self_attn.${part}`;
    graph.block(layer, () => {
      const normed = layerNormLayer(before, `${layer}.self_attn_layer_norm`, epsilon);
      const { output, probabilities } = multiHeadAttention(normed, {
        heads,
        projections: { query: at("q_proj"), key: at("k_proj"), value: at("v_proj"), output: at("out_proj") },
        bias,
        rotate: (y) => rotaryEmbedding(y, { layout: "halfSplit" }),
      });
      attentions.push(multiply(probabilities, seen));
      const middle = add(before, output);
      representations.push(
        add(middle, mlp(layerNormLayer(middle, `${layer}.final_layer_norm`, epsilon), layer, 4 * width)),
      );
    });
  }
  const final = layerNormLayer(representations.pop()!, "emb_layer_norm_after", epsilon);
  representations.push(final);
  return { representations, attentions };
}

/**
 * ESM-2 (Lin et al. 2023), a pre-norm transformer with rotary positions over amino acids, with the parameter names of
 * facebookresearch/esm (`esm/model/esm2.py`).
 *
 * @param tokens `[batch, length]`, int32 or int64: a start token, the residues, an end token, padding
 */
export function esm2(tokens: Value, config: Esm2Config): Esm2Outputs {
  const states = esm2States(tokens, config);
  return { ...states, logits: esm2Logits(states.representations.at(-1)!, config) };
}

/**
 * Probability that two residues touch (Rao et al. 2021): a logistic regression `contact_head.regression` on all
 * attention maps, made symmetric and corrected by the average product of rows and columns.
 *
 * @param tokens as in `esm2`
 * @returns `[batch, length - 2, length - 2]`, without start and end token
 */
export function esm2Contacts(tokens: Value, attentions: readonly Value[], config: Esm2Config): Value {
  const length = tokens.shape[1]!;
  const inside = not(is(tokens, config.endToken));
  const pairs = unsqueeze(multiply(unsqueeze(inside, [1]), unsqueeze(inside, [2])), [1]);
  const maps = sliceAxes(multiply(concat(attentions, 1), pairs), [
    { axis: 2, start: 1, end: length - 1 },
    { axis: 3, start: 1, end: length - 1 },
  ]);
  const symmetric = add(maps, transpose(maps, [0, 1, 3, 2]));
  const expected = divide(multiply(reduceSum(symmetric, [3]), reduceSum(symmetric, [2])), reduceSum(symmetric, [2, 3]));
  const features = transpose(subtract(symmetric, expected), [0, 2, 3, 1]);
  const scores = linearLayer(features, "contact_head.regression", 1);
  return sigmoid(reshape(scores, scores.shape.slice(0, 3)));
}
