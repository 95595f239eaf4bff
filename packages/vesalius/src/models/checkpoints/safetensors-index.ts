import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { bytesPerElement, elementCount, type Tensors } from "../../graph/index.ts";
import { parseJson } from "../../common/parse-json.ts";

/** Name of the index of a checkpoint in several files. */
export const safetensorsIndexName = "model.safetensors.index.json";
/** Name of a checkpoint in one file. */
export const safetensorsName = "model.safetensors";

const indexSchema = z.looseObject({
  metadata: z.looseObject({ total_size: z.number().optional() }).optional(),
  weight_map: z.record(z.string(), z.string()),
});

/**
 * Reads the text of `model.safetensors.index.json`.
 *
 * @returns for each file the names of its tensors. File names are as the index has them: they are not to be trusted
 * @throws VesaliusError `bad-file` for what is no such index
 */
export function parseSafetensorsIndex(text: string, where: string): Map<string, string[]> {
  let raw: unknown;
  try {
    raw = parseJson(text);
  } catch (error) {
    throw new VesaliusError("bad-file", "the index is no valid JSON", { where, cause: error });
  }
  const parsed = indexSchema.safeParse(raw);
  if (!parsed.success)
    throw new VesaliusError("bad-file", `this is no index of safetensors files: ${z.prettifyError(parsed.error)}`, {
      where,
    });
  const files = new Map<string, string[]>();
  for (const [name, file] of Object.entries(parsed.data.weight_map)) {
    const names = files.get(file);
    if (names === undefined) files.set(file, [name]);
    else names.push(name);
  }
  return files;
}

/** One file of a checkpoint. */
export interface Shard {
  readonly file: string;
  readonly tensors: Tensors;
}

/**
 * Distributes weights over files of at most a size, in their order, under the file names of Hugging Face
 * (`model-00001-of-00003.safetensors`). A tensor that is larger than that has a file of its own. What fits one file is
 * `model.safetensors`.
 *
 * @param maximumBytes largest size of the tensors of a file
 */
export function shardWeights(weights: Tensors, maximumBytes: number): readonly Shard[] {
  if (!(maximumBytes > 0)) throw new VesaliusError("bad-argument", "a file must be allowed some bytes");
  const parts: Tensors[] = [new Map()];
  let size = 0;
  for (const [name, tensor] of weights) {
    const bytes = elementCount(tensor.shape) * bytesPerElement(tensor.dtype);
    if (size + bytes > maximumBytes && parts.at(-1)!.size > 0) {
      parts.push(new Map());
      size = 0;
    }
    parts.at(-1)!.set(name, tensor);
    size += bytes;
  }
  if (parts.length === 1) return [{ file: safetensorsName, tensors: parts[0]! }];
  const number = (i: number): string => String(i).padStart(5, "0");
  return parts.map((tensors, i) => ({
    file: `model-${number(i + 1)}-of-${number(parts.length)}.safetensors`,
    tensors,
  }));
}

/** Text of the index over several files. */
export function safetensorsIndex(shards: readonly Shard[]): string {
  const entries = shards.flatMap(({ file, tensors }) => [...tensors].map(([name, tensor]) => ({ name, tensor, file })));
  const total = entries.reduce(
    (sum, { tensor }) => sum + elementCount(tensor.shape) * bytesPerElement(tensor.dtype),
    0,
  );
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const index = {
    metadata: { total_size: total },
    weight_map: Object.fromEntries(entries.map(({ name, file }) => [name, file])),
  };
  return `${JSON.stringify(index, null, 2)}\n`;
}
