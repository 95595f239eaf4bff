import { checksumsOf } from "../common/checksums.ts";
import { writeSafetensors } from "../common/safetensors.ts";
import type { Tensors } from "../graph/index.ts";
import type { Backbone, Preparation } from "../models/index.ts";
import { modelFileNames, networkConfig, preparationFiles, sealedJson } from "./model-files.ts";

/** A backbone with weights and fitted encoders. */
export type TrainedBackbone = Backbone & { readonly weights: Tensors; readonly preparation: Preparation };

/** Names of the files of a saved backbone beside those that it shares with models. */
export const backboneFileNames = { weights: "backbone.safetensors", preparation: "preparation.json" } as const;

/**
 * The files of a saved backbone by name: weights under published names, `config.json`, encoders with the columns that
 * they read, and files of the encoders such as `tokenizer.json`. `loadBackbone` reads them.
 */
export function encodeBackbone(backbone: TrainedBackbone): Map<string, string | Uint8Array> {
  const { weights, preparation, columns } = backbone;
  const files = new Map<string, string | Uint8Array>([
    [backboneFileNames.weights, writeSafetensors(weights, { format: "pt" })],
    [modelFileNames.config, networkConfig(backbone)],
    ...preparationFiles(preparation),
  ]);
  const saved = { preparation, ...(columns === undefined ? {} : { columns }), checksums: checksumsOf(files) };
  // Last, because it says what the others have to be.
  return files.set(backboneFileNames.preparation, sealedJson(saved));
}
