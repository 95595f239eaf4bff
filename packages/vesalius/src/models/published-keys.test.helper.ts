import { createHash } from "node:crypto";
import { z } from "zod";
import { gradients, Graph, reduceSum, square, toOnnx, type Value } from "../graph/index.ts";
import { architectures } from "./architectures.ts";
import { batchFeeds, exampleInputs, featureGraph, preparationOf } from "./architectures.test.helper.ts";
import { ginAtoms, ginFromArguments } from "./bioinformatics/gin.ts";
import { performerFromArguments } from "./bioinformatics/performer-arguments.ts";
import { performer } from "./bioinformatics/performer.ts";
import { scgptFromArguments } from "./bioinformatics/scgpt-arguments.ts";
import { scgptBatches, scgptCellExpression, scgptClassifier, scgptExpression } from "./bioinformatics/scgpt-heads.ts";
import { scgpt } from "./bioinformatics/scgpt.ts";
import { bart, bartConfigFromHuggingFace } from "./language/bart.ts";
import { t5, t5ConfigFromHuggingFace } from "./language/t5.ts";
import { gatedCrossAttentionFromArguments, perceiverFromArguments } from "./multimodal/flamingo-arguments.ts";
import { gatedCrossAttention, perceiverResampler } from "./multimodal/flamingo.ts";
import { qformer, qformerConfigFromHuggingFace } from "./multimodal/qformer.ts";
import type { Network } from "./network.ts";
import { swinClassifier, swinFeatures, swinFromMicrosoft } from "./vision/swin.ts";
import { samFromHuggingFace } from "./vision/sam-hugging-face.ts";
import { type SamConfig, samEmbedding, samFromMeta, samPrediction } from "./vision/sam.ts";

/** A value that the original has by itself, and another one. */
const choice = z.tuple([z.json(), z.json()]);

/** What is known of the keys of a published configuration. */
export const keyTableSchema = z.record(
  z.string(),
  z.strictObject({
    /** The class of the original whose list of keys this is. */
    of: z.string(),
    /** Another row whose keys the original inherits. */
    extends: z.string().optional(),
    /** Where in the file the keys stand. */
    within: z.string().optional(),
    /** A whole configuration, of small sizes. */
    small: z.record(z.string(), z.json()).optional(),
    /** Keys that change what is computed: by default, and otherwise. */
    keys: z.record(z.string(), choice),
    /** Keys that change nothing here, by the reason why. */
    unchanging: z.record(z.string(), z.record(z.string(), choice)),
  }),
);

export type KeyTable = z.infer<typeof keyTableSchema>;
type Json = Readonly<Record<string, unknown>>;

/** All that a graph computes with: operators, shapes, constants and what is drawn. */
function described(graph: Graph): string {
  const typed = ({ name, dtype, shape, random }: Value): unknown => [name, dtype, shape, random ?? null];
  return JSON.stringify([
    [...graph.parameters.values()].map(typed),
    [...graph.inputs.values()].map(typed),
    createHash("sha256").update(toOnnx(graph)).digest("hex"),
  ]);
}

/** Gradients of one number of a result, for what acts on them alone: tokens that fill up. */
function withGradients(graph: Graph, result: Value): void {
  const loss = reduceSum(square(result), [...result.shape.keys()], { keepDimensions: false });
  for (const [parameter, value] of gradients(
    loss,
    [...graph.parameters.values()].filter(({ isBuffer }) => !isBuffer),
  ))
    graph.output(`${parameter.name}.gradient`, value);
}

/** How a file becomes settings, and settings a description of graphs. */
export interface PublishedReader {
  readonly read: (json: Json) => unknown;
  readonly build: (settings: never) => readonly string[];
}

const reader = <Settings>(
  read: (json: Json) => Settings,
  build: (settings: Settings) => readonly string[],
): PublishedReader => ({ read, build });

function describedNetwork(network: Network): readonly string[] {
  const feeds = batchFeeds([1, 2].map((seed) => exampleInputs(network, seed, 6, 8)));
  // Whatever acts in use acts in training too.
  const { graph, features } = featureGraph(network, feeds, true);
  for (const [name, head] of Object.entries(network.heads ?? {}))
    for (const [output, value] of Object.entries(head(features, 3, { training: true })))
      graph.output(`${name}.${output}`, value);
  return [described(graph), JSON.stringify(network.reads)];
}

/** A file that an architecture of the catalogue reads. */
const architecture = (name: string, more: (settings: Json) => Json = () => ({})): PublishedReader =>
  reader(
    (json) => {
      const read = architectures.entry(name).fromFile!(json);
      if (read === undefined) throw new Error(`the file is taken for none of ${name}`);
      return read.settings as Json;
    },
    (settings) => {
      const network = architectures.create({ name, ...settings, ...more(settings) });
      return describedNetwork(network.fitted?.(preparationOf(network)) ?? network);
    },
  );

function drawing(build: (graph: Graph) => Readonly<Record<string, Value | undefined>>): readonly string[] {
  const graph = new Graph("published");
  for (const [name, value] of Object.entries(build(graph)))
    if (value !== undefined && value.kind !== "input") graph.output(`result.${name}`, value);
  return [described(graph)];
}

const ids = (graph: Graph, name: string): Value => graph.input(name, "int32", [2, 6]);
const mask = (graph: Graph): Value => graph.input("mask", "float32", [2, 6]);

const sequences = (graph: Graph) => ({
  tokens: ids(graph, "tokens"),
  mask: mask(graph),
  decoderTokens: ids(graph, "written"),
});

const segmentAnything = (config: SamConfig): readonly string[] =>
  drawing((graph) => {
    const { imageSize, channels } = config.encoder;
    const embedding = samEmbedding(graph.input("images", "float32", [1, channels, imageSize, imageSize]), config);
    const prompts = {
      points: graph.input("points", "float32", [1, 2, 2]),
      labels: graph.input("labels", "int32", [1, 2]),
      masks: graph.input("masks", "float32", [1, 1, embedding.shape[2]! * 4, embedding.shape[3]! * 4]),
    };
    const { masks, quality } = samPrediction(embedding, prompts, config);
    return { embedding, masks, quality };
  });

/** How each published configuration is read and built. */
export const publishedReaders: Readonly<Record<string, PublishedReader>> = {
  BERT: architecture("bert"),
  "GPT-2": architecture("gpt2"),
  LLaMA: architecture("llama"),
  Mistral: architecture("llama"),
  Qwen2: architecture("llama"),
  Qwen3: architecture("llama"),
  Mixtral: architecture("mixtral"),
  T5: reader(t5ConfigFromHuggingFace, (config) =>
    drawing((graph) => ({ logits: t5(sequences(graph), config).logits })),
  ),
  BART: reader(bartConfigFromHuggingFace, (config) =>
    drawing((graph) => {
      const { logits } = bart(sequences(graph), config);
      withGradients(graph, logits);
      return { logits };
    }),
  ),
  ViT: architecture("vit"),
  ViTMAE: architecture("vit"),
  DINOv2: architecture("dinov2"),
  "DINOv2 with registers": architecture("dinov2"),
  "ViT of timm": architecture("vit"),
  "Segment Anything": reader(samFromHuggingFace, segmentAnything),
  "Segment Anything of Meta": reader(samFromMeta, segmentAnything),
  Swin: reader(swinFromMicrosoft, (config) =>
    drawing((graph) => {
      const { imageSize, channels } = config;
      const { pooled } = swinFeatures(graph.input("images", "float32", [1, channels, imageSize, imageSize]), config);
      return { logits: swinClassifier(pooled, 3) };
    }),
  ),
  BasicUNet: architecture("basicUnet"),
  UNet: architecture("residualUnet"),
  UNETR: architecture("unetr"),
  SwinUNETR: architecture("swinUnetr", ({ spatial }) => ({ patch: spatial === 2 ? [32, 32] : [32, 32, 32] })),
  "nnU-Net": architecture("nnunet"),
  "nnU-Net with residual blocks": architecture("nnunet"),
  scGPT: reader(scgptFromArguments, (config) =>
    drawing((graph) => {
      const mode = { training: true };
      const labels = graph.input("batches", "int32", [2]);
      const values = graph.input("values", "float32", [2, 6]);
      const out = scgpt(ids(graph, "genes"), values, config, mask(graph), mode, labels);
      const batches = config.batchLabels === undefined ? undefined : scgptBatches(labels, config);
      const own = scgptExpression(out, config, batches);
      const cell = scgptCellExpression(out, config, batches);
      const logits = scgptClassifier(out, config, 3);
      return { ...own, cell: cell.values, cellLogits: cell.expressedLogits, logits };
    }),
  ),
  Performer: reader(performerFromArguments, (config) =>
    drawing((graph) => ({ logits: performer(ids(graph, "tokens"), config).logits })),
  ),
  GIN: reader(ginFromArguments, (config) =>
    drawing((graph) => {
      const inputs = {
        atoms: graph.input("atoms", "int32", [4, 2]),
        bonds: graph.input("bonds", "int32", [2, 6]),
        bondFeatures: graph.input("bondFeatures", "int32", [6, 2]),
      };
      return { atoms: ginAtoms(inputs, config, { training: false }) };
    }),
  ),
  CLIP: architecture("clip"),
  CLIPTextModelWithProjection: architecture("clipText"),
  CLIPVisionModelWithProjection: architecture("clipVision"),
  "Q-Former": reader(
    (json) => qformerConfigFromHuggingFace(json, 3),
    (config) => drawing((graph) => ({ states: qformer(graph.input("image", "float32", [2, 5, 8]), config).at(-1) })),
  ),
  "perceiver of Flamingo": reader(perceiverFromArguments, (config) =>
    drawing((graph) => ({
      latents: perceiverResampler(graph.input("media", "float32", [1, 2, 2, 3, config.width]), config),
    })),
  ),
  "gated cross-attention of Flamingo": reader(gatedCrossAttentionFromArguments, (config) =>
    drawing((graph) => ({
      text: gatedCrossAttention(
        graph.input("text", "float32", [1, 6, 8]),
        graph.input("media", "float32", [1, 2, 3, 8]),
        config,
        "layer",
        graph.input("locations", "float32", [1, 6]),
      ),
    })),
  ),
};
