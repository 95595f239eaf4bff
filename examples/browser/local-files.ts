import { VesaliusError } from "vesalius";
import {
  assembleDataset,
  classesColumn,
  type Dataset,
  datasetCardSchema,
  imagesColumn,
  medmnistSplits,
  readNpz,
  type Split,
  splitValidation,
} from "vesalius/data";

/** A file that the user picked, with its path below the picked folder. */
export interface LocalFile {
  readonly path: string;
  readonly file: File;
}

/** Height and width to which images of a folder are brought. */
const side = 28;
/** Most images that are read: the page keeps all of them in memory. */
const mostImages = 20_000;
const validationShare = 0.25;

/** Grey values 0-255 of an image file, `[side, side]`. */
async function greyPixels({ path, file }: LocalFile): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(file, {
    resizeWidth: side,
    resizeHeight: side,
    resizeQuality: "high",
  }).catch((cause: unknown) => {
    throw new VesaliusError("bad-file", "this is no image that the browser can read", { where: path, cause });
  });
  const context = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new VesaliusError("runtime-failure", "this browser cannot decode images in a worker");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, side, side);
  // Weights of ITU-R BT.601, which image libraries use for grey.
  return Uint8Array.from({ length: side * side }, (_, i) =>
    Math.round(0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!),
  );
}

/** Images of a folder whose subfolders are the classes. */
async function fromFolder(files: readonly LocalFile[]): Promise<Dataset> {
  const images = files.filter(({ path }) => /\.(png|jpe?g|webp|bmp)$/i.test(path));
  if (images.length > mostImages)
    throw new VesaliusError("bad-data", `${images.length} images are more than this page keeps in memory`, {
      fix: `pick at most ${mostImages}`,
    });
  const classOf = ({ path }: LocalFile): string => path.split("/").at(-2) ?? "";
  const labels = [...new Set(images.map(classOf))].sort();
  if (labels.length < 2)
    throw new VesaliusError("bad-data", "the images are not in two or more subfolders", {
      fix: "pick a folder with one subfolder for each class",
    });
  const pixels = new Uint8Array(images.length * side * side);
  for (const [i, image] of images.entries()) pixels.set(await greyPixels(image), i * side * side);
  const train: Split = {
    name: "train",
    length: images.length,
    ids: images.map(({ path }) => path),
    groups: undefined,
    attributes: {},
    columns: {
      image: imagesColumn(pixels, { channels: 1, height: side, width: side }),
      label: classesColumn(
        labels,
        images.map((image) => labels.indexOf(classOf(image))),
      ),
    },
  };
  return datasetOf("folder", { train });
}

const datasetOf = (name: string, splits: Readonly<Record<string, Split>>): Dataset =>
  assembleDataset({ name, card: datasetCardSchema.parse({ name }), unit: "images", splits });

async function fromArchive({ path, file }: LocalFile): Promise<Dataset> {
  const arrays = readNpz(new Uint8Array(await file.arrayBuffer()), { where: path });
  return datasetOf(path, medmnistSplits(arrays, path).splits);
}

/**
 * Makes a dataset of files that the user picked: an `.npz` file in MedMNIST's layout, or a folder of images with one
 * subfolder for each class. Without a validation split a quarter of the images is set aside, by image: where one patient
 * has several images, split by patient in an `.npz` file instead.
 *
 * @throws VesaliusError `bad-data` or `bad-file` saying what is wrong with them
 */
export async function openLocalFiles(files: readonly LocalFile[]): Promise<Dataset> {
  const archive = files.find(({ path }) => path.toLowerCase().endsWith(".npz"));
  const dataset = archive === undefined ? await fromFolder(files) : await fromArchive(archive);
  return dataset.splits["validation"] === undefined
    ? splitValidation(dataset, { fraction: validationShare, seed: 0 })
    : dataset;
}
