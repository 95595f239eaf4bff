import { readFile, readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { datasetCardSchema } from "../dataset-card.ts";
import type { DatasetCard } from "../dataset-card.ts";
import { validate } from "../../common/check.ts";

/** Where a dataset's parts lie and how they are stored. */
export interface DatasetFiles {
  readonly layout: "npz" | "labels.csv" | "folders";
  /** The `.npz` file, or the folder that holds the images. */
  readonly path: string;
  readonly card: DatasetCard;
}

async function readCard(folder: string): Promise<DatasetCard> {
  const path = join(folder, "dataset.json");
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new VesaliusError("bad-configuration", `dataset.json is not JSON: ${error.message}`, {
        where: path,
        cause: error,
      });
    }
    throw fileError(error, path);
  }
  return validate(datasetCardSchema, content, { code: "bad-configuration", what: "dataset.json", where: path });
}

/**
 * Finds out how the dataset at `path` is stored: an `.npz` file, or a folder with one `.npz` file, with `labels.csv`,
 * or with images in folders. A `dataset.json` in the folder describes it; without one the description is the name.
 *
 * @throws VesaliusError `missing-file`, `bad-data` for a folder with several `.npz` files, `bad-configuration` for a
 * `dataset.json` that does not fit its schema.
 */
export async function locateDataset(path: string): Promise<DatasetFiles> {
  const unreadable = (error: unknown): never => {
    throw fileError(error, path);
  };
  const found = await stat(path).catch(unreadable);
  if (!found.isDirectory()) {
    if (extname(path) === ".npz") return { layout: "npz", path, card: nameOnly(basename(path, ".npz")) };
    throw new VesaliusError("bad-file", "a dataset is an .npz file or a folder", { where: path });
  }
  const names = await readdir(path).catch(unreadable);
  const card = names.includes("dataset.json") ? await readCard(path) : nameOnly(basename(join(path, ".")));
  const archives = names.filter((name) => extname(name) === ".npz").sort();
  if (archives.length > 1) {
    throw new VesaliusError("bad-data", `the folder holds several .npz files: ${archives.join(", ")}`, {
      where: path,
      fix: "open one of them by its path",
    });
  }
  if (archives[0] !== undefined) return { layout: "npz", path: join(path, archives[0]), card };
  return { layout: names.includes("labels.csv") ? "labels.csv" : "folders", path, card };
}

function nameOnly(name: string): DatasetCard {
  return datasetCardSchema.parse({ name });
}
