import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { readBytes } from "../data/index.node.ts";
import { readFolderWeights } from "../models/checkpoints/index.node.ts";
import type { Model } from "../tasks/index.ts";
import { backboneFileNames, modelFileNames } from "../tasks/index.ts";
import { type DecodeOptions, decodeBackbone, decodeModel, type LoadedBackbone } from "./decode-model.ts";
import { parseJson } from "../common/parse-json.ts";

async function readPart(folder: string, name: string, required: boolean): Promise<Uint8Array | undefined> {
  const path = join(folder, name);
  try {
    return await readBytes(path);
  } catch (error) {
    if (!(error instanceof VesaliusError) || error.code !== "missing-file") throw error;
    if (!required) return undefined;
    throw new VesaliusError("missing-file", `the folder is no saved model: ${name} is missing`, {
      where: folder,
      fix: "name the folder that model.save wrote, in a run one of models/",
      cause: error,
    });
  }
}

/** A part of a file name that leads out of the folder, or to nothing. */
const leadsOut = (name: string): boolean =>
  isAbsolute(name) || name.split(/[\\/]/).some((part) => part === ".." || part === "");

/**
 * The files that are listed with a checksum and that nothing here reads: those of encoders, and the adapter alone. One that
 * was taken away is not missed. The ONNX file is left to those who run it.
 */
async function readOthers(
  folder: string,
  holder: Uint8Array,
  read: readonly string[],
): Promise<Map<string, Uint8Array>> {
  let json: unknown;
  try {
    json = parseJson(text(holder));
  } catch {
    // Said by who decodes it.
    return new Map();
  }
  const listed = z.looseObject({ checksums: z.record(z.string(), z.string()) }).safeParse(json);
  const names = Object.keys(listed.data?.checksums ?? {}).filter(
    (name) => ![...read, modelFileNames.onnx].includes(name) && !leadsOut(name),
  );
  const others = new Map<string, Uint8Array>();
  for (const name of names) {
    const content = await readPart(folder, name, false);
    if (content !== undefined) others.set(name, content);
  }
  return others;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/**
 * Loads a model that `model.save` or a run wrote, whatever its task.
 *
 * @throws VesaliusError `missing-file`, `bad-file` for files that do not parse, `bad-configuration` for names and settings
 * that no catalogue holds, `checkpoint-mismatch` listing weights that do not fit
 *
 * @example
 * const model = await loadModel("./pneumonia");
 * for await (const { id, answer } of model.predict(films)) console.log(id, model.task.toJson(answer));
 */
export async function loadModel(folder: string, options: DecodeOptions = {}): Promise<Model> {
  const [model, config, weights] = await Promise.all(
    [modelFileNames.model, modelFileNames.config, modelFileNames.weights].map((name) => readPart(folder, name, true)),
  );
  const fitted = await readPart(folder, modelFileNames.fitted, false);
  const index = await readPart(folder, modelFileNames.index, false);
  const entries = await readPart(folder, modelFileNames.entries, false);
  const others = await readOthers(folder, model!, Object.values(modelFileNames));
  return decodeModel(
    {
      model: text(model!),
      config: text(config!),
      weights: weights!,
      fitted,
      index,
      entries: entries && text(entries),
      others,
    },
    folder,
    options,
  );
}

/**
 * Loads the backbone that a run pretrained, or one under published names: `config.json` and `backbone.safetensors`,
 * `model.safetensors`, or several files under `model.safetensors.index.json`.
 *
 * @throws VesaliusError as `loadModel`
 */
export async function loadBackbone(folder: string, options: DecodeOptions = {}): Promise<LoadedBackbone> {
  const config = await readPart(folder, modelFileNames.config, true);
  const weights =
    (await readPart(folder, backboneFileNames.weights, false)) ??
    (await readPart(folder, modelFileNames.weights, false)) ??
    (await readFolderWeights(folder));
  const preparation = await readPart(folder, backboneFileNames.preparation, false);
  const read = [modelFileNames.config, ...Object.values(backboneFileNames)];
  const others = preparation && (await readOthers(folder, preparation, read));
  return decodeBackbone(
    {
      config: text(config!),
      weights,
      ...(preparation === undefined ? {} : { preparation: text(preparation) }),
      ...(others === undefined ? {} : { others }),
    },
    folder,
    options,
  );
}
