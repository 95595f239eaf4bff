import { z } from "zod";
import { createDigest } from "#common/digest";
import { VesaliusError } from "../../common/errors.ts";
import { type StoredVolume, volumesColumn } from "../columns/volumes.ts";
import { endingOf, stemOf, usualSplit } from "../files/names.ts";
import { readBytes } from "../files/read-file.node.ts";
import { readNifti } from "../volumes/read-nifti.ts";
import { dividedBySplit } from "./examples.ts";
import { type FoundData, readerEntry } from "./reader.ts";

const settings = z.strictObject({
  /** Keep volumes in memory, or read their files each time; `auto` keeps those that fit in the limit on memory. */
  storage: z.enum(["auto", "memory", "files"]).default("auto"),
});

const isNifti = (file: string): boolean => endingOf(file) === "nii";

async function listVolumes({ folder, entries }: FoundData): Promise<{ file: string; split: string }[]> {
  const listed = entries.files.filter(isNifti).map((file) => ({ file, split: "train" }));
  for (const name of entries.folders) {
    const split = usualSplit(name);
    if (split === undefined) continue;
    for (const file of (await folder.list(name)).files.filter(isNifti)) listed.push({ file: `${name}/${file}`, split });
  }
  return listed;
}

/** Volumes without masks: what a model is to segment, or to be pretrained on. */
export const niftiFiles = readerEntry({
  name: "niftiFiles",
  summary: "NIfTI volumes without masks, in folders train, val and test, or without splits.",
  looksFor: "files that end in .nii or .nii.gz, and no dataset.json that indexes them",
  settings,
  general: true,
  recognises: async (found) =>
    // A text beside volumes tells about them.
    found.entries.files.every((file) => isNifti(file) || ["txt", "md"].includes(endingOf(file))) &&
    (await listVolumes(found)).length > 0,
  create:
    ({ storage }) =>
    async (found) => {
      const { folder } = found;
      const listed = await listVolumes(found);
      const volumes: StoredVolume[] = [];
      for (const { file } of listed) {
        const path = await folder.place(file);
        const bytes = await readBytes(path);
        const { data, ...grid } = readNifti(bytes, { where: path, maxBytes: folder.budget.left });
        const keep = storage === "memory" || (storage === "auto" && data.byteLength <= folder.budget.left);
        if (keep) folder.budget.claim(data.byteLength, "the volume", path);
        volumes.push({ ...grid, data: keep ? data : { path }, hash: createDigest().update(bytes).hex() });
      }
      if (volumes.length === 0) throw new VesaliusError("bad-data", "there are no volumes", { where: folder.path });
      const stems = listed.map(({ file }) => stemOf(file));
      const splits = await dividedBySplit(
        {
          splits: listed.map(({ split }) => split),
          ids: new Set(stems).size === stems.length ? stems : listed.map(({ file }) => file),
          groups: undefined,
          attributes: {},
          columns: { image: (rows) => volumesColumn(rows.map((row) => volumes[row]!)) },
        },
        folder.path,
      );
      return { unit: "volumes", splits };
    },
});
