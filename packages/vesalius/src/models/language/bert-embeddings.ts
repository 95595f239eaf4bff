import {
  add,
  concat,
  gather,
  gelu,
  type Initializer,
  maxPool,
  multiply,
  pad,
  reduceSum,
  reshape,
  slice,
  subtract,
  transpose,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { VesaliusError } from "../../common/errors.ts";
import { convolutionLayer } from "../layers/convolution.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import type { BertConfig } from "./bert-config.ts";

/** Inputs of a BERT encoder. */
export interface BertInputs {
  /** Token numbers `[batch, tokens]`, int32 or int64. */
  readonly tokens: Value;
  /** Segment numbers `[batch, tokens]`; segment 0 everywhere where it is left out. */
  readonly segments?: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, tokens]`; no padding where it is left out. */
  readonly mask?: Value;
  /** Rows of the table of features `[batch, tokens, features]`, int32 or int64, with `featureRows` only. */
  readonly features?: Value;
}

/** Start of the weights of a BERT encoder. */
export const bertInit = (config: BertConfig): Initializer => ({
  kind: "truncatedNormal",
  standardDeviation: config.initializerRange,
});

/** A column of numbers for each place, to multiply vectors with: `[batch, places, 1]`. */
const column = (mask: Value): Value => unsqueeze(mask, [2]);

/**
 * Vectors of places, each mixed with its neighbours: `norm(x + dropout(gelu(dense(neighbours))))`, with the parameters
 * `${name}.dense` and `${name}.LayerNorm`. Padding counts as nothing.
 */
function localWindow(x: Value, name: string, mask: Value | undefined, config: BertConfig, mode: ForwardMode): Value {
  const reach = config.localWindow;
  const length = x.shape[1]!;
  const wide = pad(mask === undefined ? x : multiply(x, column(mask)), [0, reach, 0, 0, reach, 0]);
  const seen = concat(
    Array.from({ length: 2 * reach + 1 }, (_, i) => slice(wide, 1, i, i + length)),
    2,
  );
  // The deviation that attention starts with would leave the window nearly without effect for hundreds of steps.
  const mixed = gelu(linearLayer(seen, `${name}.dense`, config.width, { initializer: { kind: "xavierUniform" } }));
  return layerNormLayer(add(x, dropoutLayer(mixed, name, config.dropout, mode)), `${name}.LayerNorm`, config.epsilon);
}

/** What the first layer of an encoder sees. */
export interface BertPlaces {
  /** `[batch, places, width]` */
  readonly x: Value;
  /** `[batch, places]` */
  readonly mask: Value | undefined;
}

/** Convolutions in front of the transformer: several tokens become one place. See `bertStemSchema`. */
function stem(vectors: Value, name: string, mask: Value | undefined, config: BertConfig): BertPlaces {
  const { channels, kernel, pool, secondKernel } = config.stem!;
  const length = vectors.shape[1]!;
  const missing = (pool - (length % pool)) % pool;
  const real = mask === undefined ? vectors.graph.filled([vectors.shape[0]!, length], 1) : mask;
  const inside = unsqueeze(pad(real, [0, 0, 0, missing]), [1]);
  const padded = pad(transpose(multiply(vectors, column(real)), [0, 2, 1]), [0, 0, 0, 0, 0, missing]);
  const first = gelu(convolutionLayer(padded, `${name}.conv1`, channels, { kernel }));
  // Padding loses against every number, and a place of nothing but padding is zero.
  const lowered = add(first, multiply(subtract(inside, 1), 1e4));
  const places = maxPool(inside, pool);
  const pooled = multiply(maxPool(lowered, pool), places);
  const second = gelu(convolutionLayer(pooled, `${name}.conv2`, config.width, { kernel: secondKernel }));
  return {
    x: transpose(second, [0, 2, 1]),
    mask: mask === undefined ? undefined : reshape(places, second.shape.toSpliced(1, 1)),
  };
}

/**
 * Embeddings of a BERT encoder, `${prefix}embeddings.*`: vectors of tokens, features, segments and positions, normalised.
 *
 * @throws VesaliusError `shape-mismatch` for more tokens than there are positions; `bad-configuration` where an input
 * `features` and the configuration do not agree
 */
export function bertEmbeddings(
  { tokens, segments, mask, features }: BertInputs,
  prefix: string,
  config: BertConfig,
  mode: ForwardMode,
): BertPlaces {
  const { graph } = tokens;
  const length = tokens.shape[1]!;
  const initializer = bertInit(config);
  const own = (part: string): string => `${prefix}embeddings.${part}`;
  if (length > config.maximumPositions)
    throw new VesaliusError("shape-mismatch", `${length} tokens, but positions for ${config.maximumPositions}`, {
      fix: "shorten the texts (maximumLength of the tokens) or raise maximumPositions of a network without weights",
    });
  if ((features !== undefined) !== config.featureRows > 0)
    throw new VesaliusError(
      "bad-configuration",
      features === undefined
        ? "the network sums features, and the tokens have none"
        : "the network has no table for the features",
      { fix: "let featureRows of the network and the features of its tokens agree" },
    );
  const width = config.stem?.embeddingWidth ?? config.width;
  const table = (name: string, rows: number, columns: number): Value =>
    graph.parameter(own(`${name}.weight`), [rows, columns], initializer);
  let { vectors } = embeddingLayer(tokens, own("word_embeddings"), config.vocabularySize, width, {
    paddingToken: config.paddingToken,
    // Vectors of a small alphabet start far enough apart for a convolution to tell them from each other.
    initializer: config.stem === undefined ? initializer : { kind: "normal", standardDeviation: 0.5 },
  });
  if (features !== undefined) {
    const rows = gather(table("feature_embeddings", config.featureRows, width), features);
    vectors = add(vectors, reduceSum(rows, [2], { keepDimensions: false }));
  }
  let places: BertPlaces = { x: vectors, mask };
  if (config.stem !== undefined) places = stem(vectors, own("stem"), mask, config);
  let { x } = places;
  if (config.stem === undefined) {
    const types = table("token_type_embeddings", config.tokenTypes, config.width);
    x = add(x, segments === undefined ? slice(types, 0, 0, 1) : gather(types, segments));
  }
  if (config.positions !== "relative" && config.distances === "none") {
    const rows = Math.ceil(config.maximumPositions / (config.stem?.pool ?? 1));
    x = add(x, slice(table("position_embeddings", rows, config.width), 0, 0, x.shape[1]!));
  }
  x = dropoutLayer(layerNormLayer(x, own("LayerNorm"), config.epsilon), own("output"), config.dropout, mode);
  if (config.localWindow > 0) x = localWindow(x, own("window"), places.mask, config, mode);
  return { x, mask: places.mask };
}
