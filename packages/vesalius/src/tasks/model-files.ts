import { checksumsOf, sealed } from "../common/checksums.ts";
import { writeSafetensors } from "../common/safetensors.ts";
import { type EncoderEntry, encoders, type Reading } from "../data/index.ts";
import type { Catalogue, Spec } from "../common/catalogue.ts";
import type { Backbone, Preparation } from "../models/index.ts";
import { researchUseNotice } from "../report/index.ts";
import { encodeIndex } from "./inference/kept-index.ts";
import type { Model } from "./model.ts";

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** JSON with a checksum of itself, for files that hold the checksums of others. */
export const sealedJson = (value: object): string => json(sealed(value));

/** Names of the files of a saved model. */
export const modelFileNames = {
  config: "config.json",
  model: "model.json",
  weights: "model.safetensors",
  fitted: "fitted.safetensors",
  onnx: "model.onnx",
  /** Vectors of what is searched, and its identifiers and texts. */
  index: "index.safetensors",
  entries: "index.json",
} as const;

/** `config.json`: the published keys of the architecture, and under `vesalius` all that makes it again. */
export const networkConfig = ({ network, preparation }: Backbone & { readonly preparation: Preparation }): string =>
  json({ ...network.toFile?.(preparation), vesalius: { architecture: network.name, config: network.config } });

/** Further files of fitted encoders, such as `tokenizer.json`; with the role's name in front where several have one. */
export function preparationFiles(
  preparation: Preparation,
  known: Catalogue<EncoderEntry> = encoders,
): Map<string, string> {
  const files = new Map<string, string>();
  for (const [role, { name, ...settings }] of Object.entries(preparation))
    for (const [file, content] of Object.entries(known.entry(name).files?.(settings) ?? {}))
      files.set(files.has(file) ? `${role}-${file}` : file, content);
  return files;
}

/** Encodes a model as the files of its folder. */
export function encodeModel<Answer>(model: Model<Answer>, reading?: Reading): Map<string, string | Uint8Array> {
  const { backbone, task, weights, fitted, attached, training } = model;
  const files = new Map<string, string | Uint8Array>([
    [modelFileNames.weights, writeSafetensors(weights, { format: "pt" })],
    [modelFileNames.onnx, model.toOnnx()],
    [modelFileNames.config, networkConfig(backbone)],
    ...preparationFiles(backbone.preparation),
  ]);
  if (fitted.size > 0) files.set(modelFileNames.fitted, writeSafetensors(fitted));
  if (model.searched !== undefined) {
    const { vectors, entries } = encodeIndex(model.searched);
    files.set(modelFileNames.index, vectors).set(modelFileNames.entries, entries);
  }
  for (const [name, content] of model.files) files.set(name, content);
  const spec: Spec = { name: task.name, ...task.settings };
  // Last, because its presence is what makes the folder a model.
  files.set(
    modelFileNames.model,
    sealedJson({
      version: 1,
      notice: researchUseNotice,
      task: spec,
      preparation: backbone.preparation,
      ...(backbone.columns === undefined ? {} : { columns: backbone.columns }),
      ...(reading === undefined ? {} : { data: reading }),
      ...(attached === undefined ? {} : { attached: attached.config }),
      ...(training === undefined
        ? {}
        : { training: { ...training, result: { steps: training.result.steps, time: training.result.time } } }),
      checksums: checksumsOf(files),
    }),
  );
  return files;
}
