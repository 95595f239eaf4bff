import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { endingOf, usualSplit } from "../files/names.ts";
import { cardClassNames } from "../class-names.ts";
import { preparedClasses } from "./records/declared-classes.ts";
import { dividedBySplit } from "./examples.ts";
import { imageFileColumn, imageFlags, imageSettings } from "./image-columns.node.ts";
import { maskPairs } from "./image-masks.node.ts";
import { isImageName } from "./image-files.node.ts";
import { type FoundData, readerEntry } from "./reader.ts";
import { groupsBy } from "./name-groups.ts";
import { isTable, listsImages } from "./table.node.ts";

const settings = z.strictObject({
  ...imageSettings,
  /** Class names by class index, in place of those of the folders. */
  labels: z.array(z.string().min(1)).min(1).optional(),
  /** Whether the classes have an order (grade, stage). */
  ordered: z.boolean().default(false),
  /**
   * Regular expression for the part of the files' names that says what stays together, such as `^(patient\\d+)_`: what its
   * first group matches, or all that it matches without one. A file that does not match is a group of its own.
   */
  groupPattern: z.string().min(1).optional(),
});

const INDEX_ENDINGS: ReadonlySet<string> = new Set(["csv", "tsv", "json", "jsonl", "ndjson", "npz", "nii"]);

/** One image file of the folder. */
interface Listed {
  /** Path inside the dataset, which identifies the image. */
  readonly file: string;
  readonly split: string;
  readonly label: string | undefined;
}

/** Lists images. */
class Listing {
  readonly folder: DatasetFolder;

  constructor(folder: DatasetFolder) {
    this.folder = folder;
  }

  async entries(at: string): Promise<{ images: string[]; folders: readonly string[] }> {
    const { files, folders } = await this.folder.list(at);
    return { images: files.filter(isImageName), folders };
  }

  /** Images of one class; a class of training data must have some, and none may lie a level deeper. */
  async class(at: string, split: string, label: string): Promise<Listed[]> {
    const { images, folders } = await this.entries(at);
    if (folders.length > 0 || (images.length === 0 && split === "train")) {
      const inside = folders.length === 1 ? "a folder inside it" : `${folders.length} folders inside it`;
      const problem = folders.length > 0 ? inside : "no images in a format that is read";
      throw new VesaliusError("bad-data", `a class folder holds ${problem}`, {
        where: join(this.folder.root, at),
        fix: "put the images of a class directly into its folder, or use a labels.csv with a column group",
      });
    }
    return images.map((image) => ({ file: `${at}/${image}`, split, label }));
  }

  /** Images of a split, or of the whole where it has none: in class folders, or without classes. */
  async split(at: string, split: string): Promise<Listed[]> {
    const { images, folders: classes } = await this.entries(at);
    const path = (name: string): string => (at === "" ? name : `${at}/${name}`);
    if (images.length > 0 && classes.length > 0) {
      throw new VesaliusError("bad-data", "some images lie in class folders and some beside them", {
        where: join(this.folder.root, at),
        fix: "put every image into the folder of its class, or none",
      });
    }
    if (images.length > 0) return images.map((name) => ({ file: path(name), split, label: undefined }));
    const listed: Listed[] = [];
    for (const name of classes) listed.push(...(await this.class(path(name), split, name)));
    if (listed.length === 0) {
      throw new VesaliusError("bad-data", `the ${split} split holds no images`, {
        where: join(this.folder.root, at),
        fix: "fill the folder or remove it",
      });
    }
    return listed;
  }
}

async function listImages({ folder, entries }: FoundData): Promise<Listed[]> {
  const listing = new Listing(folder);
  const splitFolders = entries.folders.filter((name) => usualSplit(name) !== undefined);
  const twice = splitFolders.filter(
    (name, i) => splitFolders.findIndex((other) => usualSplit(other) === usualSplit(name)) !== i,
  );
  if (twice.length > 0) {
    throw new VesaliusError("bad-data", `several folders stand for one split: ${splitFolders.join(", ")}`, {
      where: folder.path,
    });
  }
  if (splitFolders.length === 0) return listing.split("", "train");
  const listed: Listed[] = [];
  for (const name of splitFolders) listed.push(...(await listing.split(name, usualSplit(name)!)));
  return listed;
}

/** Whether a folder holds images directly or one level down. */
async function holdsImages(folder: DatasetFolder, at: string): Promise<boolean> {
  const { files, folders } = await folder.list(at);
  return files.some(isImageName) || (await imageFoldersIn(folder, at, folders)).length > 0;
}

/** Folders inside one that hold images directly. */
async function imageFoldersIn(folder: DatasetFolder, at: string, names: readonly string[]): Promise<string[]> {
  const found = [];
  for (const name of names)
    if ((await folder.list(at === "" ? name : `${at}/${name}`)).files.some(isImageName)) found.push(name);
  return found;
}

/** Whether tables beside class folders name none of their images: a list of classes, a summary. */
async function tellsNothing({ folder, entries: { files, folders } }: Omit<FoundData, "card">): Promise<boolean> {
  const index = files.filter((file) => INDEX_ENDINGS.has(endingOf(file)));
  if (index.some((file) => !isTable(file) || file === "labels.csv")) return false;
  for (const file of index) if (await listsImages(folder, file)) return false;
  const splits = folders.filter((name) => usualSplit(name) !== undefined);
  const places = splits.length === 0 ? [""] : splits;
  for (const at of places) {
    const inside = at === "" ? folders : (await folder.list(at)).folders;
    if ((await imageFoldersIn(folder, at, inside)).length < 2) return false;
  }
  return true;
}

/** Images in class folders (torchvision's ImageFolder), or without classes. */
export const imageFolder = readerEntry({
  name: "imageFolder",
  summary: "Images in folders: train/CLASS/*.png with val and test beside it, CLASS/*.png, or images alone.",
  looksFor:
    "folders train, val, test or class folders with PNG, JPEG, TIFF, WebP or BMP files, and no table beside them",
  settings,
  flags: imageFlags,
  async recognises({ folder, entries }) {
    // A table or an index beside the images says more than the folders do.
    if (folder.only !== undefined) return isImageName(folder.only);
    if (entries.files.some((file) => INDEX_ENDINGS.has(endingOf(file)))) return tellsNothing({ folder, entries });
    // Masks are no class.
    if ((await maskPairs({ folder, entries })).length > 0) return false;
    const splitFolders = entries.folders.filter((name) => usualSplit(name) !== undefined);
    for (const name of splitFolders) if (await holdsImages(folder, name)) return true;
    return splitFolders.length === 0 && (await holdsImages(folder, ""));
  },
  create: (options) => async (found) => {
    const listed = await listImages(found);
    const paths = await Promise.all(listed.map(({ file }) => found.folder.place(file)));
    const image = await imageFileColumn(paths, options, found.folder.budget, found.folder.path);
    const texts = listed.map(({ label }) => label);
    const names = listed.map(({ split }) => split);
    const stated = options.labels ?? cardClassNames(found.card);
    const labels = texts.some((text) => text !== undefined)
      ? preparedClasses(
          { texts, splits: names, stated, whereOf: (row) => listed[row]!.file },
          { ordered: options.ordered, least: 1, others: "error" },
        )
      : undefined;
    const grouped =
      options.groupPattern === undefined
        ? undefined
        : groupsBy(
            options.groupPattern,
            listed.map(({ file }) => file),
            found.folder.path,
          );
    const splits = await dividedBySplit(
      {
        splits: names,
        ids: listed.map(({ file }) => file),
        groups: grouped?.groups,
        attributes: {},
        columns: { image: image.make, ...(labels === undefined ? {} : { label: labels.make }) },
      },
      found.folder.path,
    );
    return {
      unit: "images",
      splits,
      cautions: [...image.cautions, ...(labels?.cautions ?? []), ...(grouped?.cautions ?? [])],
    };
  },
});
