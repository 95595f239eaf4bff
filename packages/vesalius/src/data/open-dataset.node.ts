import { readFile } from "node:fs/promises";
import { z } from "zod";
import { fileError } from "../common/files.node.ts";
import { assembleDataset } from "./assemble-dataset.ts";
import type { DatasetParts } from "./assemble-dataset.ts";
import { cardClassNames, classIndex, distinctClassNames } from "./class-names.ts";
import { convertSource } from "./convert-images.ts";
import { fingerprintImages } from "./fingerprints.node.ts";
import type { ImageDataset, ImageSplit, SplitName } from "./image-dataset.ts";
import type { MemoryImages } from "./image-source.ts";
import { pixelsPerImage } from "./image-source.ts";
import { locateDataset } from "./readers/dataset-files.node.ts";
import type { DatasetFiles } from "./readers/dataset-files.node.ts";
import { listImageFolder } from "./readers/image-folder.node.ts";
import type { ListedImage } from "./readers/image-listing.ts";
import { readLabelsCsv } from "./readers/labels-csv.node.ts";
import { commonShape, decodeImages, inspectImages } from "./readers/load-images.node.ts";
import { readMedmnist } from "./readers/medmnist.ts";
import { readNpz } from "./readers/npz.ts";
import { validate } from "../common/check.ts";

/** Options of {@link openDataset}; recipes hold the same keys. */
export const openDatasetOptionsSchema = z.strictObject({
  /** Resize every image to this many pixels. Without it all images must have one size already. */
  size: z.strictObject({ height: z.int().min(1), width: z.int().min(1) }).optional(),
  /** Make every image grey (1) or colour (3). Without it all images must agree. */
  channels: z.union([z.literal(1), z.literal(3)]).optional(),
  /** Class names by class index, in place of those in `dataset.json`, the table or the folder names. */
  labels: z.array(z.string().min(1)).min(1).optional(),
  /** What to do where a training image shares its group or all its bytes with another split. */
  leakage: z.enum(["error", "drop-from-train"]).default("error"),
  /** Accept classes without a training image. */
  allowMissingClasses: z.boolean().default(false),
  /** Accept data without a training split, for evaluation only. */
  allowMissingTrain: z.boolean().default(false),
  /** Decode image files now (`memory`) or batch by batch (`files`); `auto` decodes what fits in `maxBytes`. */
  storage: z.enum(["auto", "memory", "files"]).default("auto"),
  /** Bytes that `auto` may decode into memory, and that an `.npz` file may unpack to. Default 2 GiB. */
  maxBytes: z
    .number()
    .positive()
    .default(2 ** 31),
});

/** Options of {@link openDataset}. */
export type OpenDatasetOptions = z.input<typeof openDatasetOptionsSchema>;
type Settings = z.output<typeof openDatasetOptionsSchema>;

async function openArchive({ path, card }: DatasetFiles, settings: Settings): Promise<DatasetParts> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  const { splits: stored, cautions } = readMedmnist(readNpz(bytes, { where: path, maxBytes: settings.maxBytes }), path);
  const parts = Object.values(stored);
  const shape = commonShape(
    parts.map(({ images }) => images),
    settings,
    path,
  );
  const splits: Partial<Record<SplitName, ImageSplit>> = {};
  for (const split of parts) {
    const fingerprints = fingerprintImages(split.images as MemoryImages);
    splits[split.name] = { ...split, images: convertSource(split.images, shape), fingerprints };
  }
  const classes = parts.reduce((most, { labels }) => labels?.reduce((a, b) => Math.max(a, b + 1), most) ?? most, 0);
  const labels =
    settings.labels ?? cardClassNames(card) ?? Array.from({ length: classes }, (_, index) => String(index));
  return { name: card.name, splits, labels, card: { ...card, cautions: [...card.cautions, ...cautions] } };
}

/** Table columns turned into one split. Values that only some images have are a table's null or nothing at all. */
function listedSplit(
  name: SplitName,
  listed: readonly ListedImage[],
  labels: readonly string[],
): Omit<ImageSplit, "images"> {
  const labelled = listed.every(({ label }) => label !== undefined);
  const grouped = listed.every(({ group }) => group !== undefined);
  const attributes = Object.keys(listed[0]!.attributes);
  return {
    name,
    length: listed.length,
    ids: listed.map(({ id }) => id),
    labels: labelled ? Int32Array.from(listed, ({ label, id }) => classIndex(label!, labels, id)) : undefined,
    groups: grouped ? listed.map(({ group }) => group!) : undefined,
    attributes: Object.fromEntries(attributes.map((key) => [key, listed.map((image) => image.attributes[key]!)])),
  };
}

async function openImages({ layout, path, card }: DatasetFiles, settings: Settings): Promise<DatasetParts> {
  const listed = layout === "labels.csv" ? await readLabelsCsv(path) : await listImageFolder(path);
  const inspected = await inspectImages(listed.map((image) => image.path));
  const shape = commonShape(
    inspected.map((image) => image.shape),
    settings,
    path,
  );
  const fits = listed.length * pixelsPerImage(shape) <= settings.maxBytes;
  const inMemory = settings.storage === "memory" || (settings.storage === "auto" && fits);
  const texts = listed.flatMap(({ label }) => label ?? []);
  const labels = settings.labels ?? cardClassNames(card) ?? distinctClassNames(texts);
  const splits: Partial<Record<SplitName, ImageSplit>> = {};
  for (const name of ["train", "validation", "test"] as const) {
    const rows = listed.map((_, row) => row).filter((row) => listed[row]!.split === name);
    if (rows.length === 0) continue;
    const images = rows.map((row) => listed[row]!);
    const paths = images.map((image) => image.path);
    const columns = listedSplit(name, images, labels);
    splits[name] = inMemory
      ? { ...columns, ...(await decodeImages(paths, shape)) }
      : {
          ...columns,
          images: { kind: "files", paths, ...shape },
          fingerprints: rows.map((row) => inspected[row]!.fingerprint),
        };
  }
  return { name: card.name, splits, labels, card };
}

/**
 * Opens an image dataset: an `.npz` file in MedMNIST's layout, or a folder with such a file, with images and a
 * `labels.csv`, or with images in `train/<class>/`, `val/<class>/`, `test/<class>/`. A `dataset.json` in the folder
 * gives class names, licence and reference values.
 *
 * The splits are the ones that the data state; nothing is re-split in silence. Where there is no validation split, see
 * `splitValidation`.
 *
 * @throws VesaliusError `missing-file`; `bad-file` for damaged archives and images; `bad-data` for labels outside the
 * classes, classes without a training image, empty splits, images of several sizes or channels; `data-leakage` where a
 * group or a byte-identical image is in two splits; `bad-configuration` for a wrong `dataset.json`;
 * `missing-dependency` where image files need sharp.
 *
 * @example
 * const xrays = await openDataset("./pneumoniamnist");
 * xrays.labels; // ["normal", "pneumonia"]
 * xrays.train.length; // 4708
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<ImageDataset> {
  const settings = validate(openDatasetOptionsSchema, options, {
    code: "bad-argument",
    what: "options of openDataset",
  });
  const files = await locateDataset(path);
  const parts = files.layout === "npz" ? await openArchive(files, settings) : await openImages(files, settings);
  return assembleDataset(parts, settings);
}
