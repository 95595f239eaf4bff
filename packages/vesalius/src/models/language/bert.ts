import { add, linear, reshape, select, slice, tanh, type Value } from "../../graph/index.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { hiddenActivations } from "../layers/hidden-activations.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import { postNormAttention, postNormFeedForward } from "../layers/post-norm.ts";
import { bucketedPositionBias, distanceScores } from "../layers/relative-positions.ts";
import type { BertConfig } from "./bert-config.ts";
import { bertEmbeddings, bertInit, type BertInputs, type BertPlaces } from "./bert-embeddings.ts";

export * from "./bert-config.ts";
export type { BertInputs } from "./bert-embeddings.ts";

/** What each layer of an encoder gives. */
export interface BertLayers {
  /** The embeddings, then the result of each layer: `[batch, places, width]`; a place is a token, without a stem. */
  readonly hidden: readonly Value[];
  /** Attention probabilities of each layer `[batch, heads, places, places]`. */
  readonly attentions: readonly Value[];
  /** 1 for places, 0 for padding, `[batch, places]`; undefined without a mask. */
  readonly mask: Value | undefined;
}

const inUse: ForwardMode = { training: false };

/**
 * All layers of a BERT encoder (Devlin et al. 2019) with the parameter names of Hugging Face's checkpoints
 * (transformers, `modeling_bert.py`).
 *
 * @param prefix of the parameter names, `bert.` in task models
 * @throws VesaliusError see `bertEmbeddings`
 */
export const bertLayers = (inputs: BertInputs, config: BertConfig, mode = inUse, prefix = "bert."): BertLayers =>
  bertLayersOn(bertEmbeddings(inputs, prefix, config, mode), config, mode, prefix);

/** All layers of a BERT encoder on embeddings of any kind; see `bertLayers`. */
export function bertLayersOn(embedded: BertPlaces, config: BertConfig, mode = inUse, prefix = "bert."): BertLayers {
  const { graph } = embedded.x;
  const places = embedded.x.shape[1]!;
  const biases = embedded.mask === undefined ? [] : [paddingBias(embedded.mask)];
  if (config.positions !== "absolute")
    biases.push(
      bucketedPositionBias(graph, `${prefix}encoder.relative_attention_bias`, {
        buckets: config.relativeBuckets,
        maximumDistance: config.relativeMaximumDistance,
        bidirectional: true,
        heads: config.heads,
        queries: places,
        keys: places,
      }),
    );
  const bias = biases.length === 0 ? {} : { bias: biases.reduce((sum, more) => add(sum, more)) };
  const shared = { epsilon: config.epsilon, dropout: config.dropout, mode, initializer: bertInit(config) };
  const hidden = [embedded.x];
  const attentions: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    const name = `${prefix}encoder.layer.${i}`;
    const x = hidden.at(-1)!;
    graph.block(name, () => {
      const attended = postNormAttention(x, `${name}.attention`, {
        ...shared,
        ...bias,
        heads: config.heads,
        projections: "self",
        distanceScores:
          config.distances === "none"
            ? undefined
            : (query, key) =>
                distanceScores(query, key, `${name}.attention.self.distance_embedding`, {
                  maximumPositions: config.maximumPositions,
                  withKeys: config.distances === "keyAndQuery",
                }),
        attentionDropout: config.attentionDropout,
      });
      attentions.push(attended.probabilities);
      const forward = { ...shared, hidden: config.hiddenWidth, activation: hiddenActivations[config.activation] };
      hidden.push(postNormFeedForward(attended.output, [`${name}.intermediate`, `${name}.output`], forward));
    });
  }
  return { hidden, attentions, mask: embedded.mask };
}

/** Hidden states `[batch, places, width]` after the last layer; see `bertLayers`. */
export const bertEncoder = (inputs: BertInputs, config: BertConfig, mode = inUse, prefix = "bert."): Value =>
  bertLayers(inputs, config, mode, prefix).hidden.at(-1)!;

/**
 * The pooled first token: `tanh(linear(x[:, 0]))`.
 *
 * @param hidden `[batch, tokens, width]`
 * @returns `[batch, width]`
 */
export const bertPooler = (hidden: Value, config: BertConfig, prefix = "bert."): Value =>
  tanh(linearLayer(select(hidden, 1, 0), `${prefix}pooler.dense`, config.width, { initializer: bertInit(config) }));

/**
 * Classification head `classifier.weight` `[classes, width]`, on the pooled vector of a text or on that of each token.
 *
 * @param x `[..., width]`
 * @returns logits `[..., classes]`
 */
export const bertClassifier = (x: Value, classes: number, dropout = 0, mode = inUse): Value =>
  linearLayer(dropoutLayer(x, "classifier", dropout, mode), "classifier", classes);

/**
 * Head of masked language modelling, `cls.predictions.*`, whose last layer shares the table of token vectors. With a stem
 * each place says the tokens that it was made of, by a layer `cls.predictions.upsample`.
 *
 * @param hidden `[batch, places, width]`
 * @param tokens how many logits each example gets; as many as places by default
 * @returns logits `[batch, tokens, vocabularySize]`
 */
export function bertMaskedLanguageHead(
  hidden: Value,
  config: BertConfig,
  prefix = "bert.",
  tokens = hidden.shape[1]!,
): Value {
  const graph = hidden.graph;
  const { vocabularySize, stem } = config;
  const name = "cls.predictions";
  const initializer = bertInit(config);
  const activation = hiddenActivations[config.activation];
  const width = stem?.embeddingWidth ?? config.width;
  let x = hidden;
  if (stem !== undefined) {
    const [batch, places] = hidden.shape as [number, number];
    const raised = linearLayer(hidden, `${name}.upsample`, stem.pool * width, {
      initializer: { kind: "xavierUniform" },
    });
    x = slice(reshape(raised, [batch, places * stem.pool, width]), 1, 0, tokens);
  }
  const dense = activation(linearLayer(x, `${name}.transform.dense`, width, { initializer }));
  const output = config.tiedOutput ? `${prefix}embeddings.word_embeddings` : `${name}.decoder`;
  const table = graph.parameter(`${output}.weight`, [vocabularySize, width], initializer);
  const bias = graph.parameter(`${name}.bias`, [vocabularySize], { kind: "zeros" });
  return linear(layerNormLayer(dense, `${name}.transform.LayerNorm`, config.epsilon), table, bias);
}

/** Head of next-sentence prediction on the pooled token: logits `[batch, 2]`, class 0 "is next", class 1 "random". */
export const bertNextSentenceHead = (pooled: Value): Value => linearLayer(pooled, "cls.seq_relationship", 2);
