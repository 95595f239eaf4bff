import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { ggufTokenizer, readTokenizer, TOKENIZER_FILES, type TokenizerFile } from "../data/index.ts";
import { readBytes } from "../data/index.node.ts";
import { completeGraph } from "../generation/decode-graph.ts";
import { boundsOf, checkWeights, type Network } from "../models/index.ts";
import { ggufNetwork, openGguf, readFolderWeights } from "../models/checkpoints/index.node.ts";
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

/** Roles of a network that read tokens. */
const tokenRoles = ({ reads }: Pick<Network, "reads">): string[] =>
  Object.entries(reads).flatMap(([role, { name }]) => (name === "tokens" ? [role] : []));

/** A backbone whose tokens are those of its checkpoint. */
const withTokenizer = (backbone: LoadedBackbone, tokenizer: TokenizerFile): LoadedBackbone => ({
  ...backbone,
  encoders: Object.fromEntries(tokenRoles(backbone.network).map((role) => [role, { tokenizer }])),
});

/** The backbone of a GGUF file. Its weights stay in the file until they are asked for. */
async function loadGguf(path: string, options: DecodeOptions): Promise<LoadedBackbone> {
  const file = await openGguf(path);
  const { architecture, config, weights } = ggufNetwork(file, file.weights, path);
  const described = { vesalius: { architecture, config } };
  const backbone = decodeBackbone({ config: JSON.stringify(described), weights }, path, options);
  const { network } = backbone;
  const decoder = network.decoder?.();
  if (decoder !== undefined)
    checkWeights(completeGraph(decoder, boundsOf(weights)), weights, {
      where: path,
      mayBeLeft: (name) => network.mayDiffer?.(name) !== undefined,
    });
  const tokenizer = ggufTokenizer(file.metadata, path);
  return tokenizer === undefined ? backbone : withTokenizer(backbone, tokenizer);
}

/** The tokenizer beside a published checkpoint; undefined where none of its files is there. */
async function folderTokenizer(folder: string): Promise<TokenizerFile | undefined> {
  const files: Partial<Record<(typeof TOKENIZER_FILES)[number], string>> = {};
  for (const name of TOKENIZER_FILES) {
    const content = await readPart(folder, name, false);
    if (content !== undefined) files[name] = text(content);
  }
  const hasVocabulary = Object.keys(files).some((name) => name === "tokenizer.json" || name.startsWith("vocab."));
  return hasVocabulary ? readTokenizer(files).toJson() : undefined;
}

/**
 * Loads the backbone that a run pretrained, or a published one: a folder with `config.json` and `backbone.safetensors`,
 * `model.safetensors`, or several files under `model.safetensors.index.json`, with the tokenizer beside them; or a GGUF file,
 * which holds all of this. Weights of more than 1 GB, and those of GGUF files, stay in their files until they are asked for.
 *
 * @throws VesaliusError as `loadModel`; `bad-configuration` for keys that change the computation and are not implemented
 *
 * @example
 * const { network, weights } = await loadBackbone("./biomistral-7b.Q4_K_M.gguf");
 */
export async function loadBackbone(folder: string, options: DecodeOptions = {}): Promise<LoadedBackbone> {
  if (/\.gguf$/i.test(folder)) return loadGguf(folder, options);
  const config = await readPart(folder, modelFileNames.config, true);
  const preparation = await readPart(folder, backboneFileNames.preparation, false);
  const weights =
    (await readPart(folder, backboneFileNames.weights, false)) ??
    (preparation && (await readPart(folder, modelFileNames.weights, false))) ??
    (await readFolderWeights(folder));
  const read = [modelFileNames.config, ...Object.values(backboneFileNames)];
  const others = preparation && (await readOthers(folder, preparation, read));
  const backbone = decodeBackbone(
    {
      config: text(config!),
      weights,
      ...(preparation === undefined ? {} : { preparation: text(preparation) }),
      ...(others === undefined ? {} : { others }),
    },
    folder,
    options,
  );
  if (backbone.preparation !== undefined || tokenRoles(backbone.network).length === 0) return backbone;
  const tokenizer = await folderTokenizer(folder);
  return tokenizer === undefined ? backbone : withTokenizer(backbone, tokenizer);
}
