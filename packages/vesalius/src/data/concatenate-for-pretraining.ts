import { VesaliusError } from "../common/errors.ts";
import { convertSource } from "./convert-images.ts";
import type { ImageDataset, ImageSource, ImageSplit } from "./image-dataset.ts";
import { memoryImages, pixelsPerImage, sharedBytes } from "./image-source.ts";
import type { ImageShape } from "./image-source.ts";
import { findLeaks, leakageError } from "./leakage.ts";

function joinSources(sources: readonly ImageSource[], shape: ImageShape): ImageSource {
  const files = sources.filter((source) => source.kind === "files");
  const { channels, height, width } = shape;
  if (files.length === sources.length) {
    return { kind: "files", paths: files.flatMap(({ paths }) => paths), channels, height, width };
  }
  if (files.length > 0) {
    throw new VesaliusError("bad-argument", "some datasets are decoded and some are image files", {
      fix: 'open all of them with storage: "memory", or all with storage: "files"',
    });
  }
  const memory = sources.map((source) => convertSource(source, shape)).filter((source) => source.kind === "memory");
  const pixels = sharedBytes(memory.reduce((sum, { count }) => sum + count, 0) * pixelsPerImage(shape));
  let offset = 0;
  for (const source of memory) {
    pixels.set(source.pixels, offset);
    offset += source.pixels.length;
  }
  return memoryImages(pixels, shape);
}

/**
 * Joins the training images of several datasets into one unlabelled split for pretraining, all made the same size and
 * number of channels: area averaging where an image shrinks, bilinear where it grows, luma where colour becomes grey.
 * Ids and groups get the dataset's name in front, so that patient 1 of two sets stays two patients.
 *
 * @param shape Shape of all images, in pixels.
 * @throws VesaliusError `data-leakage` where a training image of one set is byte-identical to a validation or test
 * image of another; `bad-argument` without datasets or with decoded images beside files; `shape-mismatch` for channels
 * other than 1 and 3.
 *
 * @example
 * const images = concatenateForPretraining([mednist, pneumonia], { height: 28, width: 28, channels: 1 });
 */
export function concatenateForPretraining(datasets: readonly ImageDataset[], shape: ImageShape): ImageSplit {
  const splits = datasets.map(({ train }) => train);
  if (splits.length === 0) throw new VesaliusError("bad-argument", "there are no datasets to join");
  const named = (dataset: ImageDataset, text: string): string => `${dataset.name}/${text}`;
  const held = datasets.flatMap(({ validation, test }) => [validation, test].filter((split) => split !== undefined));
  for (const train of splits) {
    // Groups of different sets have nothing to do with each other; within a set they were checked when it was opened.
    const leaks = held.flatMap((other) => findLeaks({ ...train, groups: undefined }, other));
    if (leaks.length > 0) throw leakageError(leaks, datasets.map(({ name }) => name).join(", "));
  }
  const grouped = splits.some(({ groups }) => groups !== undefined);
  const fingerprinted = splits.every(({ fingerprints }) => fingerprints !== undefined);
  return {
    name: "train",
    length: splits.reduce((sum, { length }) => sum + length, 0),
    ids: datasets.flatMap((dataset) => dataset.train.ids.map((id) => named(dataset, id))),
    labels: undefined,
    groups: grouped
      ? datasets.flatMap((dataset) => (dataset.train.groups ?? dataset.train.ids).map((group) => named(dataset, group)))
      : undefined,
    attributes: {},
    images: joinSources(
      splits.map(({ images }) => images),
      shape,
    ),
    fingerprints: fingerprinted ? splits.flatMap(({ fingerprints }) => fingerprints ?? []) : undefined,
  };
}
