import { join } from "node:path";
import { createDigest } from "#common/digest";
import { z } from "zod";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { maskData, masksColumn, type StoredMask } from "../columns/masks.ts";
import { type StoredVolume, volumesColumn } from "../columns/volumes.ts";
import { readBytes } from "../files/read-file.node.ts";
import { splitNamed, stemOf } from "../files/names.ts";
import { sameGrid } from "../volumes/grid.ts";
import { readNifti } from "../volumes/read-nifti.ts";
import { dividedBySplit } from "./examples.ts";
import { type FoundData, readerEntry } from "./reader.ts";
import { parseJson } from "../../common/parse-json.ts";

const settings = z.strictObject({
  /** Fold of `splits_final.json` whose division into training and validation is taken. */
  fold: z.int().nonnegative().default(0),
  /** Keep volumes in memory, or read their files each time; `auto` keeps those that fit in the limit on memory. */
  storage: z.enum(["auto", "memory", "files"]).default("auto"),
});

/** `labels` is value to name in the Decathlon and name to value in nnU-Net's version 2. */
const labelsSchema = z.record(z.string(), z.union([z.string(), z.int().nonnegative()]));
const indexSchema = z.looseObject({
  name: z.string().default(""),
  labels: labelsSchema,
  training: z
    .array(z.looseObject({ image: z.union([z.string(), z.array(z.string()).min(1)]), label: z.string() }))
    .min(1),
  test: z.array(z.union([z.string(), z.looseObject({ image: z.string() })])).default([]),
});
const foldsSchema = z.array(z.record(z.string(), z.array(z.string()))).min(1);

type Index = z.output<typeof indexSchema>;

/** Folder of the index: the dataset's own, or the only one inside it that has one. */
async function indexFolder({ folder, entries }: FoundData): Promise<string | undefined> {
  const holds = async (at: string): Promise<boolean> => {
    if (!(await folder.list(at)).files.includes("dataset.json")) return false;
    const head = await folder.head(at === "" ? "dataset.json" : `${at}/dataset.json`);
    return head.includes('"training"') && head.includes('"labels"');
  };
  if (folder.only !== undefined) return undefined;
  if (await holds("")) return "";
  const inner: string[] = [];
  for (const name of entries.folders) if (await holds(name)) inner.push(name);
  return inner.length === 1 ? inner[0] : undefined;
}

async function readJson<Schema extends z.ZodType>(
  { folder }: FoundData,
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const where = join(folder.root, file);
  let content: unknown;
  try {
    content = parseJson(await folder.text(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new VesaliusError("bad-data", "the file is not JSON", { where });
  }
  return validate(schema, content, { code: "bad-data", what: "index of volumes", where });
}

/** Names of classes and the values that stand for them, background first. */
function classesOf(labels: Index["labels"], where: string): { classes: string[]; values: number[] } {
  const pairs = Object.entries(labels).map(([key, value]): [number, string] =>
    typeof value === "number" ? [value, key] : [Number(key), value],
  );
  pairs.sort(([a], [b]) => a - b);
  if (pairs.some(([value]) => !Number.isInteger(value)) || pairs[0]?.[0] !== 0) {
    throw new VesaliusError("bad-data", "the labels do not begin with a background of value 0", { where });
  }
  return { classes: pairs.map(([, name]) => name), values: pairs.map(([value]) => value) };
}

/** Split of each training case by its stem; everything is training without a file of folds. */
async function splitsOf(found: FoundData, at: string, stems: readonly string[], fold: number): Promise<string[]> {
  const { files } = await found.folder.list(at);
  if (!files.includes("splits_final.json")) return stems.map(() => "train");
  const file = at === "" ? "splits_final.json" : `${at}/splits_final.json`;
  const where = join(found.folder.root, file);
  const folds = await readJson(found, file, foldsSchema);
  const chosen = folds[fold];
  if (chosen === undefined)
    throw new VesaliusError("bad-argument", `there are ${folds.length} folds, and none is number ${fold}`, { where });
  const splitOf = new Map<string, string>();
  for (const [name, cases] of Object.entries(chosen)) {
    for (const stem of cases) {
      if (splitOf.has(stem)) throw new VesaliusError("bad-data", "a case is in two splits of one fold", { where });
      splitOf.set(stem, splitNamed(name));
    }
  }
  return stems.map((stem) => {
    const split = splitOf.get(stem);
    if (split !== undefined) return split;
    throw new VesaliusError("bad-data", `the case ${stem} is in no split of fold ${fold}`, { where });
  });
}

/** One case: a volume, and the mask on its grid. */
interface Case {
  readonly volume: StoredVolume;
  readonly mask: StoredMask | null;
  readonly bytes: number;
}

/** Volumes and masks of the Medical Segmentation Decathlon and nnU-Net. */
export const decathlon = readerEntry({
  name: "decathlon",
  summary: "NIfTI volumes with masks as the Medical Segmentation Decathlon and nnU-Net index them in dataset.json.",
  looksFor: "a dataset.json with training and labels, beside imagesTr and labelsTr, or in the only folder that has one",
  paper: "Antonelli et al., The Medical Segmentation Decathlon, Nature Communications 13:4128, 2022",
  settings,
  recognises: async (found) => (await indexFolder(found)) !== undefined,
  create: (options) => async (found) => {
    const { folder } = found;
    const at = await indexFolder(found);
    if (at === undefined)
      throw new VesaliusError("bad-data", "there is no dataset.json with training and labels", { where: folder.path });
    const prefix = at === "" ? "" : `${at}/`;
    const index = await readJson(found, `${prefix}dataset.json`, indexSchema);
    const where = join(folder.root, prefix, "dataset.json");
    const { classes, values } = classesOf(index.labels, where);
    const place = (file: string, by: string): Promise<string> => folder.place(`${prefix}${file}`, `${where}, ${by}`);

    async function readCase(image: string, label: string | undefined, by: string): Promise<Case> {
      const [path, maskPath] = await Promise.all([
        place(image, by),
        label === undefined ? undefined : place(label, by),
      ]);
      const file = await readBytes(path);
      const hash = createDigest().update(file).hex();
      const grid = readNifti(file, { where: path, maxBytes: folder.budget.left });
      let mask: StoredMask | null = null;
      if (maskPath !== undefined) {
        const content = await readBytes(maskPath);
        const stored = readNifti(content, { where: maskPath, maxBytes: folder.budget.left });
        if (stored.channels !== 1 || !sameGrid(stored, grid)) {
          throw new VesaliusError("bad-data", "the mask does not lie on the grid of its volume", {
            where: maskPath,
            fix: "resample it onto the volume, with nearest neighbours",
          });
        }
        const data = maskData(stored.data, values, maskPath);
        mask = {
          extents: grid.extents,
          spacing: grid.spacing,
          affine: grid.affine,
          data,
          hash: createDigest().update(content).hex(),
        };
        if (options.storage === "files") mask = { ...mask, data: { path: maskPath } };
      }
      const { data, ...rest } = grid;
      const bytes = data.byteLength + (mask === null ? 0 : data.length);
      const keep = options.storage === "memory" || (options.storage === "auto" && bytes <= folder.budget.left);
      if (keep) folder.budget.claim(bytes, "the volume", path);
      return { volume: { ...rest, data: keep ? data : { path }, hash }, mask, bytes };
    }

    const cases: Case[] = [];
    const stems: string[] = [];
    for (const [i, { image, label }] of index.training.entries()) {
      if (Array.isArray(image))
        throw new VesaliusError("bad-data", "several image files for one case are not read", {
          where,
          fix: "stack the channels into one NIfTI file",
        });
      stems.push(stemOf(image));
      cases.push(await readCase(image, label, `training ${i + 1}`));
    }
    const splits = await splitsOf(found, at, stems, options.fold);
    for (const [i, test] of index.test.entries()) {
      const image = typeof test === "string" ? test : test.image;
      stems.push(stemOf(image));
      splits.push("test");
      cases.push(await readCase(image, undefined, `test ${i + 1}`));
    }
    const made = await dividedBySplit(
      {
        splits,
        ids: stems,
        groups: undefined,
        attributes: {},
        columns: {
          image: (rows) => volumesColumn(rows.map((row) => cases[row]!.volume)),
          mask: (rows) =>
            masksColumn(
              classes,
              rows.map((row) => cases[row]!.mask),
              values,
            ),
        },
      },
      where,
    );
    return { unit: "volumes", splits: made };
  },
});
