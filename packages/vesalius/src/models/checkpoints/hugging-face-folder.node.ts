import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { fileError, writeFileAtomic } from "../../common/files.node.ts";
import { narrow, type Tensor, type Tensors, type TensorType } from "../../graph/index.ts";
import { writeSafetensors } from "../../common/safetensors.ts";
import { readRange } from "./file-range.node.ts";
import { pathInside } from "./inside-folder.node.ts";
import {
  parseSafetensorsIndex,
  safetensorsIndex,
  safetensorsIndexName,
  safetensorsName,
  shardWeights,
} from "./safetensors-index.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors-file.node.ts";
import { widen } from "./widen.ts";
import { parseJson } from "../../common/parse-json.ts";

const configSchema = z.record(z.string(), z.unknown());

/** A checkpoint in the layout of Hugging Face. */
export interface HuggingFaceCheckpoint {
  /** Content of `config.json`, which the reader of an architecture checks. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: Tensors;
}

/** A checkpoint in the layout of Hugging Face whose weights are still in its files. */
export interface OpenCheckpoint {
  /** Content of `config.json`, which the reader of an architecture checks. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Type and shape of every weight as it is stored. */
  readonly tensors: ReadonlyMap<string, TensorType>;
  /**
   * Reads one weight.
   *
   * @throws VesaliusError `checkpoint-mismatch` for a name that is not there, `bad-file` when the file changed meanwhile
   */
  readonly read: (name: string) => Promise<Tensor>;
}

/** Options of `readHuggingFaceFolder` and `openHuggingFaceFolder`. */
export interface HuggingFaceReadOptions {
  /** Give float16 and bfloat16 weights as float32. Without it they stay as they are stored. */
  readonly widen?: boolean;
}

async function readConfig(folder: string): Promise<Record<string, unknown>> {
  const path = await pathInside(folder, "config.json");
  let raw: unknown;
  try {
    raw = parseJson(new TextDecoder().decode(await readRange(path)));
  } catch (error) {
    throw error instanceof VesaliusError
      ? error
      : new VesaliusError("bad-file", "config.json is no valid JSON", { where: path, cause: error });
  }
  const config = configSchema.safeParse(raw);
  if (!config.success) throw new VesaliusError("bad-file", "config.json holds no object", { where: path });
  return config.data;
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw fileError(error, folder);
  }
}

/** Refuses a file whose tensors are not exactly those that the index names in it. */
function checkShard(held: ReadonlyMap<string, unknown>, names: readonly string[], where: string): void {
  const named = new Set(names);
  const missing = names.filter((name) => !held.has(name));
  const extra = [...held.keys()].filter((name) => !named.has(name));
  if (missing.length + extra.length === 0) return;
  const parts = [
    missing.length > 0 ? `missing: ${missing.slice(0, 12).join(", ")}` : "",
    extra.length > 0 ? `unexpected: ${extra.slice(0, 12).join(", ")}` : "",
  ];
  throw new VesaliusError(
    "checkpoint-mismatch",
    `the file does not hold what the index says; ${parts.filter((part) => part !== "").join("; ")}`,
    { where, fix: "the files belong to different checkpoints, or one is damaged; get them again" },
  );
}

/** Files of weights in formats that run code when they are read, or that nothing here reads. */
const foreignWeights = /\.(bin|pt|pth|ckpt|pkl|h5|msgpack|gguf|npz)$/i;

/** The error for a folder without weights as safetensors; names those of other formats that it holds. */
function withoutWeights(folder: string, files: readonly string[]): VesaliusError {
  const foreign = files.filter((name) => foreignWeights.test(name));
  const [first = "pytorch_model.bin"] = foreign.filter((name) => /\.(bin|pt|pth|ckpt|pkl)$/i.test(name));
  const found = foreign.length === 0 ? "" : `, only ${foreign.slice(0, 5).join(", ")}`;
  return new VesaliusError("missing-file", `there is neither ${safetensorsName} nor ${safetensorsIndexName}${found}`, {
    where: folder,
    fix: `other formats are not read, and pickled weights can run code; save them as safetensors where they came from: ${conversion(first)}`,
  });
}

/** What turns pickled weights into safetensors. */
const conversion = (from: string): string =>
  `python -c "import torch, safetensors.torch as s; w = torch.load('${from}', map_location='cpu', weights_only=True); ` +
  `s.save_file({k: v.clone().contiguous() for k, v in w.items()}, '${safetensorsName}', {'format': 'pt'})"`;

/** The files of weights of a folder, opened and compared with the index where there is one. */
async function openFiles(folder: string): Promise<SafetensorsFile[]> {
  const files = await filesOf(folder);
  if (files.includes(safetensorsName)) return [await openSafetensors(await pathInside(folder, safetensorsName))];
  if (!files.includes(safetensorsIndexName)) throw withoutWeights(folder, files);
  const indexPath = await pathInside(folder, safetensorsIndexName);
  const index = parseSafetensorsIndex(new TextDecoder().decode(await readRange(indexPath)), indexPath);
  const opened: SafetensorsFile[] = [];
  for (const [file, names] of index) {
    const path = await pathInside(folder, file);
    const shard = await openSafetensors(path);
    checkShard(shard.tensors, names, path);
    opened.push(shard);
  }
  return opened;
}

/** Weights of as many bytes stay in their files until they are asked for. */
const largeWeights = 2 ** 30;

/**
 * The weights of a folder in the layout of Hugging Face, float16 and bfloat16 as float32. Those of large networks are read
 * one by one when their elements are asked for (see `lazyTensor`).
 *
 * @throws VesaliusError what `openHuggingFaceFolder` throws
 */
export async function readFolderWeights(folder: string): Promise<Tensors> {
  const files = await openFiles(folder);
  const bytes = files.reduce((sum, { tensors }) => sum + ([...tensors.values()].at(-1)?.end ?? 0), 0);
  const weights: Tensors = new Map();
  for (const file of files)
    for (const name of file.tensors.keys())
      weights.set(name, widen(bytes > largeWeights ? file.lazy(name) : await file.read(name)));
  return weights;
}

/**
 * Opens a folder in the layout of Hugging Face without reading its weights, for models that do not fit the memory:
 * `quantizeTensors` takes them one by one. Files outside the folder are refused, whatever the index or a symbolic link
 * says.
 *
 * @throws VesaliusError `missing-file` where there is no configuration or no weights, `bad-file` for files that do not
 * parse or leave the folder, `checkpoint-mismatch` where a file does not hold what the index says
 *
 * @example
 * const { config, read } = await openHuggingFaceFolder("./llama", { widen: true });
 * const { graph, weights } = quantizeWeights(base, { format: "nf4" });
 * const stored = await quantizeTensors(weights, read);
 */
export async function openHuggingFaceFolder(
  folder: string,
  { widen: widening = false }: HuggingFaceReadOptions = {},
): Promise<OpenCheckpoint> {
  const config = await readConfig(folder);
  const fileOf = new Map<string, SafetensorsFile>();
  for (const file of await openFiles(folder)) for (const name of file.tensors.keys()) fileOf.set(name, file);
  return {
    config,
    tensors: new Map([...fileOf].map(([name, file]) => [name, file.tensors.get(name)!])),
    read: async (name) => {
      const file = fileOf.get(name);
      if (file === undefined)
        throw new VesaliusError("checkpoint-mismatch", "the checkpoint has no such tensor", { where: name });
      const tensor = await file.read(name);
      return widening ? widen(tensor) : tensor;
    },
  };
}

/**
 * Reads a folder in the layout of Hugging Face: `config.json` and `model.safetensors`, or several files under
 * `model.safetensors.index.json`. Files outside the folder are refused, whatever the index or a symbolic link says.
 *
 * @throws VesaliusError what `openHuggingFaceFolder` throws
 */
export async function readHuggingFaceFolder(
  folder: string,
  options: HuggingFaceReadOptions = {},
): Promise<HuggingFaceCheckpoint> {
  const { config, tensors, read } = await openHuggingFaceFolder(folder, options);
  const weights: Tensors = new Map();
  for (const name of tensors.keys()) weights.set(name, await read(name));
  return { config, weights };
}

/** Options of `writeHuggingFaceFolder`. */
export interface HuggingFaceWriteOptions {
  /** Largest size of a file of weights in bytes; 5e9 by default, as Hugging Face has it. */
  readonly maximumShardBytes?: number;
  /** Replace a checkpoint that is there already. */
  readonly overwrite?: boolean;
  /** `float16` halves the files: float32 weights are rounded. They are stored as they are by default. */
  readonly storage?: "float16";
}

const isWeightsFile = (name: string): boolean =>
  name === safetensorsName || name === safetensorsIndexName || /^model-\d{5}-of-\d{5}\.safetensors$/.test(name);

/** Removes the weights of an earlier checkpoint, the index first: what is left never reads as a whole. */
async function clear(folder: string, overwrite: boolean): Promise<void> {
  const found = (await readdir(folder).catch(() => [])).filter(isWeightsFile);
  if (found.length === 0) return;
  if (!overwrite)
    throw new VesaliusError("output-not-writable", "the folder holds a checkpoint already", {
      where: folder,
      fix: "choose another folder, or ask for it to be replaced with overwrite: true",
    });
  found.sort((a, b) => Number(b === safetensorsIndexName) - Number(a === safetensorsIndexName));
  for (const file of found) await rm(join(folder, file));
}

/**
 * Writes a folder in the layout of Hugging Face, which its own libraries load: the weights in one or more safetensors
 * files, then the index over them, then `config.json`.
 *
 * @throws VesaliusError `output-not-writable` where a checkpoint is there already, `disk-full`, `not-a-number` for
 * weights that float16 cannot hold
 */
export async function writeHuggingFaceFolder(
  folder: string,
  { config, weights }: HuggingFaceCheckpoint,
  options: HuggingFaceWriteOptions = {},
): Promise<void> {
  const stored: Tensors =
    options.storage === "float16"
      ? new Map([...weights].map(([name, each]) => [name, each.dtype === "float32" ? narrow(each, name) : each]))
      : weights;
  const shards = shardWeights(stored, options.maximumShardBytes ?? 5e9);
  await clear(folder, options.overwrite === true);
  for (const { file, tensors } of shards)
    await writeFileAtomic(join(folder, file), writeSafetensors(tensors, { format: "pt" }));
  if (shards.length > 1) await writeFileAtomic(join(folder, safetensorsIndexName), safetensorsIndex(shards));
  await writeFileAtomic(join(folder, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
}
