import { z } from "zod";
import { Graph, type Tensors } from "../../graph/index.ts";
import {
  backboneFeatures,
  backboneOfTimmConfig,
  checkWeights,
  classificationHead,
  inputShape,
  parseModelConfig,
  timmConfig,
  timmConfigSchema,
} from "../../models/index.ts";
import { adapterFiles, adapterSchema, applyAdapter } from "../../adaptation/index.ts";
import { readSafetensors, writeSafetensors } from "../../common/safetensors.ts";
import type { ClassifierParts } from "./image-classifier.ts";

/** timm's `config.json` of a classifier with the names of its classes. */
const configSchema = timmConfigSchema.extend({
  num_classes: z.int().min(2),
  label_names: z.array(z.string()),
  /** An adapter that could not be merged and stays in the graph. */
  adapter: adapterSchema.optional(),
});

function configJson({ backbone, labels, attached, training }: ClassifierParts): z.input<typeof configSchema> {
  return {
    ...timmConfig(backbone),
    num_classes: labels.length,
    label_names: [...labels],
    ...(attached === undefined ? {} : { adapter: attached }),
    ...(training === undefined
      ? {}
      : { training: { ...training, result: { steps: training.result.steps, time: training.result.time } } }),
    notice: "Research use only: outputs are not medical advice and this software is not a medical device.",
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Encodes a classifier as the files of its folder. */
export function classifierFiles(parts: ClassifierParts, onnx: Uint8Array): Map<string, string | Uint8Array> {
  const files = new Map<string, string | Uint8Array>([
    ["model.safetensors", writeSafetensors(parts.weights, { format: "pt" })],
    ["model.onnx", onnx],
  ]);
  if (parts.adapter !== undefined)
    for (const [name, content] of adapterFiles(parts.adapter)) files.set(`adapter/${name}`, content);
  // Last, because its presence is what makes the folder a model.
  files.set("config.json", json(configJson(parts)));
  return files;
}

/**
 * Decodes a saved classifier.
 *
 * @param config text of `config.json`
 * @param weights bytes of `model.safetensors`
 * @param where folder for messages
 * @throws VesaliusError `bad-file` for files that do not parse, `checkpoint-mismatch` listing weights that do not fit
 */
export function decodeClassifier(config: string, weights: Uint8Array, where: string): ClassifierParts {
  const parsed = parseModelConfig(configSchema, config, "classifier", where);
  const backbone = backboneOfTimmConfig(parsed);
  const labels = parsed.label_names;
  const graph = new Graph();
  const images = graph.input("images", "float32", [1, ...inputShape(backbone)]);
  graph.output("logits", classificationHead(backboneFeatures(backbone, images).pooled, labels.length));
  const full = parsed.adapter === undefined ? graph : applyAdapter(graph, parsed.adapter).graph;
  const loaded: Tensors = checkWeights(full, readSafetensors(weights, `${where}/model.safetensors`).tensors, {
    where,
  });
  return { backbone, labels, weights: loaded, attached: parsed.adapter, adapter: undefined, training: undefined };
}
