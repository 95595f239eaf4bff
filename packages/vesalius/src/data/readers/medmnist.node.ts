import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { cardClassNames } from "../class-names.ts";
import { endingOf } from "../files/names.ts";
import { imageFlags, imageSettings } from "./image-columns.node.ts";
import { isMedmnistArray, medmnistSplits } from "./medmnist.ts";
import { readNpz } from "./npz.ts";
import { readerEntry } from "./reader.ts";

const settings = z.strictObject({
  size: imageSettings.size,
  channels: imageSettings.channels,
  window: imageSettings.window,
  /** Names of classes or labels by index, in place of those of the card. */
  labels: z.array(z.string().min(1)).min(1).optional(),
  /** Whether the classes have an order (grade, stage). */
  ordered: z.boolean().default(false),
  /** The archive, where the folder holds several. */
  file: z.string().min(1).optional(),
});

/** Names for a message. */
const listed = (names: readonly string[]): string =>
  names.length > 10 ? `${names.slice(0, 10).join(", ")} ...` : names.join(", ");

/** MedMNIST's archives of arrays. */
export const medmnist = readerEntry({
  name: "medmnist",
  summary: "An .npz archive in MedMNIST's layout: train_images, train_labels, val_images ...",
  looksFor: "a file .npz",
  paper: "Yang et al., MedMNIST v2, Scientific Data 10:41, 2023",
  settings,
  flags: imageFlags,
  recognises: ({ entries: { files } }) => Promise.resolve(files.some((file) => endingOf(file) === "npz")),
  create: (options) => async (found) => {
    const { folder, entries, card } = found;
    const archives =
      options.file === undefined ? entries.files.filter((file) => endingOf(file) === "npz") : [options.file];
    if (archives.length !== 1) {
      throw new VesaliusError("bad-data", `the folder holds several .npz files: ${archives.join(", ")}`, {
        where: folder.path,
        fix: (option) => `open one of them by its path, or name it with ${option("file")}`,
      });
    }
    const where = join(folder.root, archives[0]!);
    const bytes = await folder.bytes(archives[0]!);
    const skipped: string[] = [];
    const arrays = readNpz(bytes, {
      where,
      maxBytes: folder.budget.left,
      wants: isMedmnistArray,
      onSkipped: (name) => void skipped.push(name),
    });
    skipped.sort();
    if (arrays.size === 0) {
      throw new VesaliusError("bad-data", "no array is called train_images, val_images or test_images", {
        where: `${where}, which holds ${skipped.length === 0 ? "no arrays" : listed(skipped)}`,
        fix: "name the arrays as MedMNIST does",
      });
    }
    const unpacked = [...arrays.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    folder.budget.claim(unpacked, "the unpacked archive", where);
    const labels = options.labels ?? cardClassNames(card);
    const read = medmnistSplits(arrays, where, { ...options, labels });
    const count = `${skipped.length} ${skipped.length === 1 ? "array" : "arrays"}`;
    const leftOut = `${count} of ${archives[0]!} ${skipped.length === 1 ? "was" : "were"} left out: ${listed(skipped)}.`;
    return { unit: "images", ...read, cautions: [...read.cautions, ...(skipped.length === 0 ? [] : [leftOut])] };
  },
});
