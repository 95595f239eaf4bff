import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import type { SplitName } from "../image-dataset.ts";
import { isImageName } from "./image-files.node.ts";
import { splitNamed } from "./image-listing.ts";
import type { ListedImage } from "./image-listing.ts";

async function entries(folder: string): Promise<{ images: string[]; folders: string[] }> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, folder);
  });
  const visible = found.filter(({ name }) => !name.startsWith("."));
  return {
    images: visible
      .filter((entry) => !entry.isDirectory() && isImageName(entry.name))
      .map(({ name }) => name)
      .sort(),
    folders: visible
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
  };
}

/** The image files directly in a folder, sorted by name. */
export async function listImages(folder: string): Promise<string[]> {
  return (await entries(folder)).images.map((name) => join(folder, name));
}

function listedImage(folder: string, id: string, split: SplitName, label: string | undefined): ListedImage {
  return { path: join(folder, id), id, split, label, group: undefined, attributes: {} };
}

/** The images of one class; a class of training data must have some, and none may lie a level deeper. */
async function listClass(folder: string, id: string, split: SplitName, label: string): Promise<ListedImage[]> {
  const { images, folders } = await entries(join(folder, id));
  if (folders.length > 0 || (images.length === 0 && split === "train")) {
    const problem = folders.length > 0 ? `folders inside it (${folders.slice(0, 3).join(", ")} ...)` : "no images";
    throw new VesaliusError("bad-data", `a class folder holds ${problem}`, {
      where: join(folder, id),
      fix: "put the images of a class directly into its folder, or use a labels.csv with a column group",
    });
  }
  return images.map((image) => listedImage(folder, `${id}/${image}`, split, label));
}

async function listSplit(folder: string, splitFolder: string): Promise<ListedImage[]> {
  const split = splitNamed(splitFolder)!;
  const path = join(folder, splitFolder);
  const { images, folders } = await entries(path);
  if (images.length > 0 && folders.length > 0) {
    throw new VesaliusError("bad-data", "some images lie in class folders and some beside them", {
      where: path,
      fix: "put every image into the folder of its class, or none",
    });
  }
  if (images.length > 0) return images.map((name) => listedImage(folder, `${splitFolder}/${name}`, split, undefined));
  const classes = await Promise.all(folders.map((name) => listClass(folder, `${splitFolder}/${name}`, split, name)));
  if (classes.flat().length === 0) {
    throw new VesaliusError("bad-data", `the ${split} split holds no images`, {
      where: path,
      fix: "fill the folder or remove it",
    });
  }
  return classes.flat();
}

/**
 * Lists the images of a folder without a table, in one of the usual layouts: `train/<class>/*.png` with `val` and
 * `test` beside it (torchvision's ImageFolder), `train/*.png` without classes, or images directly in the folder, which
 * are unlabelled training data.
 *
 * @throws VesaliusError `bad-data` where a split or a training class has no images, where two folders stand for one
 * split, or where images lie both in class folders and beside them, or deeper than these layouts have them.
 */
export async function listImageFolder(folder: string): Promise<ListedImage[]> {
  const { images, folders } = await entries(folder);
  const splitFolders = folders.filter((name) => splitNamed(name) !== undefined);
  const twice = splitFolders.filter(
    (name, i) => splitFolders.findIndex((other) => splitNamed(other) === splitNamed(name)) !== i,
  );
  if (twice.length > 0) {
    throw new VesaliusError("bad-data", `several folders stand for one split: ${splitFolders.join(", ")}`, {
      where: folder,
    });
  }
  const inSplits = (await Promise.all(splitFolders.map((name) => listSplit(folder, name)))).flat();
  const listed =
    splitFolders.length > 0 ? inSplits : images.map((name) => listedImage(folder, name, "train", undefined));
  if (listed.length === 0) {
    throw new VesaliusError("bad-data", "the folder holds no images in a layout that is read", {
      where: folder,
      fix: "use train/<class>/*.png with val/ and test/, or a labels.csv, or an .npz file",
    });
  }
  return listed;
}
