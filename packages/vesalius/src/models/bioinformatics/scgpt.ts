import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  cast,
  l2Normalize,
  minimum,
  multiply,
  reduceSum,
  relu,
  select,
  transpose,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { fusedSelfAttention, torchAttentionNames } from "../layers/attention.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import { batchNormLayer, type ForwardMode } from "../layers/normalization.ts";
import { meanOverPlaces } from "../layers/pooling.ts";
import { mlp } from "../layers/transformer.ts";
import { domainBatchNorm } from "./domain-batch-norm.ts";

/** Settings of scGPT; the defaults are those of its whole-human checkpoint. */
export const scgptSettingsSchema = z
  .strictObject({
    /** Genes and special tokens; as many as the encoder of genes has where it is left out. */
    vocabularySize: z.int().positive().optional(),
    width: z.int().positive().default(512),
    depth: z.int().positive().max(1000).default(12),
    heads: z.int().positive().default(8),
    hiddenWidth: z.int().positive().default(512),
    /** Layers of the cell classifier. */
    classifierLayers: z.int().positive().default(3),
    paddingToken: z.int().nonnegative().nullable().default(60694),
    /** Predict beside each value the probability that it is zero. */
    explicitZeros: z.boolean().default(false),
    /**
     * How a gene's value is added to its vector: by a perceptron, as a row of a table of `valueBins`, or as a factor of
     * the gene's vector.
     */
    values: z.enum(["continuous", "category", "scaling"]).default("continuous"),
    valueBins: z.int().positive().default(51),
    /**
     * What stands for the cell: the class token, the mean of its genes, their mean with the places of padding, as the
     * original takes it, or their sum weighted by the values, brought to length 1.
     */
    pooling: z.enum(["token", "mean", "meanOfAll", "weighted"]).default("token"),
    /** How a value follows from the vector of the cell and a query for the gene; detached queries train no genes. */
    cellDecoder: z.enum(["innerProduct", "innerProductDetached", "concatQuery", "sumQuery"]).default("innerProduct"),
    /** Normalise in front of attention and perceptron in place of behind them. */
    normFirst: z.boolean().default(false),
    /** Dropout of embedded values, attention and branches, in training. */
    dropout: z.number().min(0).lt(1).default(0),
  })
  .refine(({ width, heads }) => width % heads === 0, {
    error: "the number of heads divides the width",
    path: ["heads"],
  })
  .refine(({ explicitZeros, cellDecoder }) => !explicitZeros || cellDecoder.startsWith("innerProduct"), {
    error: "only decoders by inner product predict the probability that a value is zero",
    path: ["cellDecoder"],
  });

/** Configuration of scGPT: its settings with a vocabulary. */
export const scgptConfigSchema = scgptSettingsSchema
  .safeExtend({
    vocabularySize: z.int().positive().default(60697),
    /** Number of batches, a vector of which the decoders of values see; none where it is left out. */
    batchLabels: z.int().positive().optional(),
    /**
     * Batch normalization in front of the layers: with one set of statistics, or with one for each of `domains` batches of
     * cells, with or without a scale and a bias.
     */
    batchNorm: z.enum(["none", "shared", "eachBatch", "eachBatchAffine"]).default("none"),
    /** Number of batches that `batchNorm` tells apart. */
    domains: z.int().positive().default(1),
  })
  .refine(({ batchLabels, cellDecoder }) => batchLabels === undefined || cellDecoder.startsWith("innerProduct"), {
    error: "only decoders by inner product have room for the vector of a batch",
    path: ["cellDecoder"],
  });

/** Configuration of scGPT. */
export type ScgptConfig = z.infer<typeof scgptConfigSchema>;
/** Settings of scGPT. */
export type ScgptSettings = z.infer<typeof scgptSettingsSchema>;

const epsilon = 1e-5;
const inUse: ForwardMode = { training: false };

/** Expression values larger than this are cut. */
const largestExpression = 512;

/** What scGPT's encoder gives. */
export interface ScgptOutputs {
  /** Vectors of the genes before the transformer, `[cells, genes, width]`. */
  readonly genes: Value;
  /** `[cells, genes, width]` */
  readonly hidden: Value;
  /** Vector of each cell, the first token's, `[cells, width]`. */
  readonly cell: Value;
}

/** What a gene's value adds to its vector: `norm(linear(relu(linear(value))))`, or a row of a table, normalised. */
function encodeExpression(expression: Value, config: ScgptConfig, mode: ForwardMode): Value {
  const { width, dropout } = config;
  const name = "value_encoder";
  if (config.values === "category") {
    const { vectors } = embeddingLayer(cast(expression, "int32"), `${name}.embedding`, config.valueBins, width, {
      initializer: { kind: "normal", standardDeviation: 1 },
    });
    return layerNormLayer(vectors, `${name}.enc_norm`, epsilon);
  }
  const values = unsqueeze(minimum(expression, largestExpression), [2]);
  const encoded = linearLayer(relu(linearLayer(values, `${name}.linear1`, width)), `${name}.linear2`, width);
  return dropoutLayer(layerNormLayer(encoded, `${name}.norm`, epsilon), name, dropout, mode);
}

/** A layer of PyTorch's transformer encoder, normalised behind its branches or in front of them. */
function encoderLayer(x: Value, layer: string, config: ScgptConfig, mode: ForwardMode, bias?: Value): Value {
  const { heads, dropout, normFirst } = config;
  const drop = (value: Value, part: string): Value => dropoutLayer(value, `${layer}.${part}`, dropout, mode);
  const norm = (value: Value, index: 1 | 2): Value => layerNormLayer(value, `${layer}.norm${index}`, epsilon);
  const attend = (value: Value): Value => {
    const attended = fusedSelfAttention(value, `${layer}.self_attn`, heads, {
      names: torchAttentionNames,
      drop: (weights) => drop(weights, "self_attn"),
      ...(bias === undefined ? {} : { bias }),
    });
    return drop(attended, "dropout1");
  };
  const forward = (value: Value): Value => {
    const names = ["linear1", "linear2"] as const;
    const inner = (hidden: Value): Value => drop(hidden, "inner");
    return drop(mlp(value, layer, config.hiddenWidth, { activation: relu, names, drop: inner }), "dropout2");
  };
  if (normFirst) {
    const middle = add(x, attend(norm(x, 1)));
    return add(middle, forward(norm(middle, 2)));
  }
  const middle = norm(add(x, attend(x)), 1);
  return norm(add(middle, forward(middle)), 2);
}

/** The vector of each cell. */
function pool(hidden: Value, expression: Value, mask: Value | undefined, config: ScgptConfig): Value {
  if (config.pooling === "token") return select(hidden, 1, 0);
  if (config.pooling === "mean") return meanOverPlaces(hidden, mask);
  if (config.pooling === "meanOfAll") return meanOverPlaces(hidden);
  const weights = unsqueeze(mask === undefined ? expression : multiply(expression, mask), [2]);
  return l2Normalize(reduceSum(multiply(hidden, weights), [1], { keepDimensions: false }));
}

/** Batch normalization of embedded genes `[cells, genes, width]`; the places of padding count, as in the original. */
function normalizeBatch(x: Value, config: ScgptConfig, mode: ForwardMode, labels: Value | undefined): Value {
  const { batchNorm, domains } = config;
  const epsilonOfBatches = 6.1e-5;
  if (batchNorm === "none") return x;
  if (batchNorm === "shared") {
    const first = transpose(x, [0, 2, 1]);
    return transpose(batchNormLayer(first, "bn", { ...mode, epsilon: epsilonOfBatches }), [0, 2, 1]);
  }
  if (labels === undefined)
    throw new VesaliusError("bad-configuration", "cells are normalised by their batch, which is not given", {
      fix: "give the number of each cell's batch, or leave batchNorm out",
    });
  const affine = batchNorm === "eachBatchAffine";
  return domainBatchNorm(x, labels, "dsbn", { ...mode, domains, affine, epsilon: epsilonOfBatches });
}

/**
 * scGPT (Cui et al. 2024), a transformer over the genes of a cell and their expression, with the parameter names of
 * bowang-lab/scGPT (`scgpt/model/model.py`).
 *
 * @param genes gene numbers `[cells, genes]`, int32 or int64, the first one a class token
 * @param expression expression values `[cells, genes]`, masked ones already replaced
 * @param mask 1 for genes, 0 for padding, float32 `[cells, genes]`; no padding where it is left out
 * @param labels number of each cell's batch `[cells]`, int32 or int64, where `batchNorm` tells batches apart
 * @throws VesaliusError `bad-configuration` where those are missing
 */
export function scgpt(
  genes: Value,
  expression: Value,
  config: ScgptConfig,
  mask?: Value,
  mode: ForwardMode = inUse,
  labels?: Value,
): ScgptOutputs {
  const { vectors } = embeddingLayer(genes, "encoder.embedding", config.vocabularySize, config.width, {
    paddingToken: config.paddingToken,
    initializer: { kind: "uniform", bound: 0.1 },
  });
  const named = layerNormLayer(vectors, "encoder.enc_norm", epsilon);
  const bias = mask === undefined ? undefined : paddingBias(mask);
  const embedded =
    config.values === "scaling"
      ? multiply(named, unsqueeze(expression, [2]))
      : add(named, encodeExpression(expression, config, mode));
  let x = normalizeBatch(embedded, config, mode, labels);
  for (let i = 0; i < config.depth; i++) {
    const layer = `transformer_encoder.layers.${i}`;
    const before = x;
    x = before.graph.block(layer, () => encoderLayer(before, layer, config, mode, bias));
  }
  return { genes: named, hidden: x, cell: pool(x, expression, mask, config) };
}
