import { VesaliusError } from "../../common/errors.ts";
import { stemOf, usualSplit } from "../files/names.ts";
import type { FoundData } from "./reader.ts";
import { targetOf } from "./records/infer-columns.node.ts";
import { joinRecords, type RecordFile, type Records } from "./records/records.ts";

/** Split that a file's name stands for: `train.csv`, `train_set.json`, `intent.val.tsv`. */
export function splitOfFile(file: string): string | undefined {
  const stem = stemOf(file);
  const parts = stem.split(/[._\- ]/);
  return usualSplit(stem) ?? usualSplit(parts.at(-1)!) ?? usualSplit(parts[0]!);
}

/**
 * The files that a dataset of one kind of file consists of: those that are named, else all, which must then be one, or
 * one for each split.
 *
 * @throws VesaliusError `bad-data` where it is not clear which belong together
 */
export function filesOf(
  { folder, entries }: FoundData,
  fits: (file: string) => boolean,
  named: readonly string[] | undefined,
): readonly string[] {
  if (named !== undefined) return named;
  const files = entries.files.filter(fits);
  const splits = files.map(splitOfFile);
  const whole = files.length === 1 || (!splits.includes(undefined) && new Set(splits).size === files.length);
  if (whole) return files;
  throw new VesaliusError(
    "bad-data",
    `it is not clear which of ${files.length} files belong together: ${files.slice(0, 6).join(", ")}`,
    {
      where: folder.path,
      fix: (option) => `name them with ${option("files")}; files of splits are called train, val, test`,
    },
  );
}

/**
 * Files of a kind in the folder and in the folders of it, with the split that the folder or the file is called after; those
 * that are named where some are.
 */
export async function filesBelow(
  { folder, entries }: FoundData,
  fits: (file: string) => boolean,
  named?: readonly string[],
): Promise<{ readonly file: string; readonly split: string | undefined }[]> {
  if (named !== undefined) return named.map((file) => ({ file, split: splitOfFile(file) }));
  const own = entries.files.filter(fits).map((file) => ({ file, split: splitOfFile(file) }));
  const inner = await Promise.all(
    entries.folders.map(async (name) =>
      (await folder.list(name)).files
        .filter(fits)
        .map((file) => ({ file: `${name}/${file}`, split: usualSplit(name) ?? splitOfFile(file) })),
    ),
  );
  return [...own, ...inner.flat()];
}

/** The files of a dataset of records. */
interface RecordFiles {
  readonly files: readonly { readonly file: string; readonly part?: string }[];
  /** Files of no split beside those of splits: what records can refer to. */
  readonly sides: readonly string[];
}

/** What a file's name says beside its split: `criteria` of `criteria.train.tsv`. */
const partOf = (file: string): string =>
  stemOf(file)
    .split(/[._\- ]/)
    .filter((word) => usualSplit(word) === undefined)
    .join("_");

/**
 * The files that a dataset of records consists of: one, or one for each split, also of several parts that are labelled
 * differently (`criteria.train.tsv`, `intent.train.tsv`), and beside them what records refer to.
 *
 * @throws VesaliusError `bad-data` where it is not clear which belong together
 */
export function recordFilesOf(
  found: FoundData,
  fits: (file: string) => boolean,
  named: readonly string[] | undefined,
): RecordFiles {
  const all = found.entries.files.filter(fits);
  const whole = (): RecordFiles => ({ files: filesOf(found, fits, named).map((file) => ({ file })), sides: [] });
  if (named !== undefined || all.length < 2) return whole();
  const divided = all.filter((file) => splitOfFile(file) !== undefined);
  const sides = all.filter((file) => splitOfFile(file) === undefined);
  const distinct = new Set(divided.map(splitOfFile)).size === divided.length;
  if (sides.length > 0)
    return distinct && divided.length > 0 ? { files: divided.map((file) => ({ file })), sides } : whole();
  const parts = [...new Set(divided.map(partOf))];
  const clear = parts.every((part) => {
    const files = divided.filter((file) => partOf(file) === part);
    return part !== "" && new Set(files.map(splitOfFile)).size === files.length;
  });
  if (parts.length < 2 || !clear || distinct) return whole();
  return { files: divided.map((file) => ({ file, part: partOf(file) })), sides };
}

/** A part with what is to be predicted under the part's name; undefined where its name does not say what that is. */
function ofPart(file: RecordFile, part: string): RecordFile | undefined {
  const target = targetOf([...file.fields.keys()]);
  if (target === undefined || file.fields.has(part)) return undefined;
  return {
    ...file,
    fields: new Map([...file.fields].map(([name, cells]) => [name === target ? part : name, cells])),
  };
}

/**
 * Reads the files of a dataset as records. Parts that are labelled differently have a field of their own for it, which the
 * records of the others lack.
 *
 * @throws VesaliusError `bad-data` where nothing says what the label of a part is
 */
export async function recordsOfFiles(
  files: RecordFiles["files"],
  read: (file: string) => Promise<RecordFile>,
  { folder }: FoundData,
): Promise<{ readonly records: Records; readonly targets: string[] }> {
  const found = await Promise.all(
    files.map(async ({ file, part }) => {
      const content = await read(file);
      return part === undefined ? content : ofPart(content, part);
    }),
  );
  const complete = found.filter((file) => file !== undefined);
  const targets = [...new Set(files.flatMap(({ part }) => part ?? []))];
  if (complete.length === found.length) return { records: joinRecords(complete), targets };
  throw new VesaliusError("bad-data", `what is to be predicted is not clear in the parts ${targets.join(", ")}`, {
    where: folder.path,
    fix: (option) => `name the files that belong together with ${option("files")}`,
  });
}
