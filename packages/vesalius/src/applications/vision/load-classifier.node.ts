import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { decodeClassifier } from "./classifier-files.ts";
import { ImageClassifier } from "./image-classifier.ts";

async function readPart(folder: string, name: string): Promise<Uint8Array> {
  const path = join(folder, name);
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw fileError(error, path);
    throw new VesaliusError("missing-file", `the folder is no saved classifier: ${name} is missing`, {
      where: folder,
      fix: "name the folder that model.save wrote, in a run one of models/",
      cause: error,
    });
  }
}

/**
 * Loads a classifier that `model.save` or a run wrote.
 *
 * @param folder holds `config.json` and `model.safetensors`
 * @throws VesaliusError `missing-file`, `bad-file` for files that do not parse, `checkpoint-mismatch` listing weights that
 * do not fit
 *
 * @example
 * const model = await loadClassifier("./pneumonia");
 * const probabilities = await model.predict(await readImages("./films", model.imageShape));
 */
export async function loadClassifier(folder: string): Promise<ImageClassifier> {
  const config = await readPart(folder, "config.json");
  const weights = await readPart(folder, "model.safetensors");
  return new ImageClassifier(decodeClassifier(new TextDecoder().decode(config), weights, folder));
}
