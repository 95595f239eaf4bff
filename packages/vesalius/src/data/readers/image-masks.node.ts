import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { stemOf, usualSplit } from "../files/names.ts";
import { imageFlags, imageSettings } from "./image-columns.node.ts";
import { isImageName } from "./image-files.node.ts";
import { type FoundData, readerEntry } from "./reader.ts";
import { readRecords } from "./records/read-records.node.ts";
import { type Cell, fieldsOf, joinRecords, type RecordFile } from "./records/records.ts";

const settings = z.strictObject({
  ...imageSettings,
  /** Names by class index, the background first; found by the values of the masks without it. */
  classes: z.array(z.string().min(1)).min(2).optional(),
  /** Value in the masks that stands for each class; the class index without it. */
  values: z.array(z.int().min(0).max(255)).min(2).optional(),
  /** Whether values number objects, which are then all of the second class. */
  instances: z.boolean().optional(),
});

const IMAGES = /^(?:images?|imgs?|pictures?|scans?|originals?|inputs?)$/i;
const MASKS = /^(?:masks?|segmentations?|segmentation_?masks|annotations?|labels?|gts?|ground_?truths?|targets?)$/i;
/** What names of masks have behind those of their images. */
const SUFFIX = /[-_ ](?:masks?|segmentation|seg|labels?|gt|ground_?truth|annotation)$/i;

/** A folder of images with one of masks beside it. */
interface Pair {
  readonly split: string | undefined;
  /** Folders below the dataset's. */
  readonly images: string;
  readonly masks: string;
}

async function pairIn(folder: DatasetFolder, at: string, split: string | undefined): Promise<Pair | undefined> {
  const inside = (name: string): string => (at === "" ? name : `${at}/${name}`);
  const { folders, files } = await folder.list(at);
  const [images, otherImages] = folders.filter((name) => IMAGES.test(name));
  const [masks, otherMasks] = folders.filter((name) => MASKS.test(name));
  const one = otherImages === undefined && otherMasks === undefined && !files.some(isImageName);
  if (images === undefined || masks === undefined || !one) return undefined;
  for (const name of [images, masks]) if (!(await folder.list(inside(name))).files.some(isImageName)) return undefined;
  return { split, images: inside(images), masks: inside(masks) };
}

/** Folders of images with masks beside them: one pair, or one in each folder of a split; none where there is anything else. */
export async function maskPairs({ folder, entries }: Pick<FoundData, "folder" | "entries">): Promise<Pair[]> {
  if (folder.only !== undefined) return [];
  const whole = await pairIn(folder, "", undefined);
  if (whole !== undefined) return [whole];
  const splits = entries.folders.filter((name) => usualSplit(name) !== undefined);
  const pairs = await Promise.all(splits.map((name) => pairIn(folder, name, usualSplit(name))));
  return pairs.includes(undefined) ? [] : pairs.flatMap((pair) => pair ?? []);
}

/** Images of a pair of folders with the masks of their names. */
async function recordsOf(folder: DatasetFolder, { split, images, masks }: Pair): Promise<RecordFile> {
  const byStem = new Map<string, string>();
  for (const file of (await folder.list(masks)).files.filter(isImageName)) {
    const stem = stemOf(file).replace(SUFFIX, "");
    if (byStem.has(stem))
      throw new VesaliusError("bad-data", "several masks belong to one image by their names", {
        where: join(folder.root, masks, file),
        fix: "keep one mask for each image, or list them in labels.csv with columns file and mask",
      });
    byStem.set(stem, `${masks}/${file}`);
  }
  const files = (await folder.list(images)).files.filter(isImageName);
  const records = files.map((file): ReadonlyMap<string, Cell> => {
    const stem = stemOf(file);
    const mask = byStem.get(stem) ?? byStem.get(stem.replace(SUFFIX, "")) ?? null;
    return new Map<string, Cell>([
      ["image", `${images}/${file}`],
      ["mask", mask],
    ]);
  });
  const without = records.filter((record) => record.get("mask") === null).length;
  if (without === records.length)
    throw new VesaliusError("bad-data", "no mask has the name of an image", {
      where: join(folder.root, masks),
      fix: "name masks as their images, or list them in labels.csv with columns file and mask",
    });
  const cautions = without === 0 ? [] : [`${without} images have no mask.`];
  return { where: join(folder.root, images), split, ...fieldsOf(records), cautions };
}

/** Images with masks of the same names. */
export const imageMasks = readerEntry({
  name: "imageMasks",
  summary: "Images with masks of the same names: images/*.png beside masks/*.png, alone or in train, val and test.",
  looksFor: "a folder images beside a folder masks, or both in folders train, val, test",
  settings,
  flags: imageFlags,
  recognises: async (found) => found.entries.files.length === 0 && (await maskPairs(found)).length > 0,
  create:
    ({ classes, values, instances, ...options }) =>
    async (found) => {
      const pairs = await maskPairs(found);
      if (pairs.length === 0)
        throw new VesaliusError("bad-data", "there is no folder of images beside one of masks", {
          where: found.folder.path,
        });
      const records = joinRecords(await Promise.all(pairs.map((pair) => recordsOf(found.folder, pair))));
      const read = await readRecords(
        records,
        {
          ...options,
          covariates: false,
          idColumn: "image",
          columns: {
            image: { kind: "images", from: "image", ...options },
            mask: { kind: "masks", from: "mask", classes, values, instances, size: options.size },
          },
        },
        found,
      );
      return { ...read, unit: "images" };
    },
});
