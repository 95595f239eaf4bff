/** Names by habit: of splits, of columns, of files. */

const SPLITS: Readonly<Record<string, string>> = {
  train: "train",
  training: "train",
  trn: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  dev: "validation",
  devel: "validation",
  development: "validation",
  validate: "validation",
  validating: "validation",
  test: "test",
  testing: "test",
  tst: "test",
};

/**
 * The usual split that a name stands for, whatever its case: `Training`, `VAL`, `dev`, `test_set`, `TrainingData`;
 * undefined for other names.
 */
export function usualSplit(name: string): string | undefined {
  const bare = bareName(name);
  const key = bare.replace(/(?:set|split|data|dataset)$/, "");
  return Object.hasOwn(SPLITS, key) ? SPLITS[key] : undefined;
}

/** The split that a cell of a column of splits stands for: a usual one, or one of its own name. */
export const splitNamed = (text: string): string => usualSplit(text) ?? text.trim();

/** A column's name without case and without what stands between words: `Patient ID`, `patient_id`, `PatientID`. */
export function bareName(name: string): string {
  const lower = name.toLowerCase();
  // Most names are bare already, and looking at letters of every script takes a while for a hundred thousand of them.
  return /^[a-z0-9]*$/.test(lower) ? lower : lower.replace(/[^\p{L}\p{N}]/gu, "");
}

/** Cells that mean "no value" in tables written by pandas, R and spreadsheets; "none" can be a finding and is kept. */
const MISSING = new Set(["", "nan", "na", "n/a", "null", "#n/a"]);

/** Whether a cell says that there is no value. */
export const isMissing = (cell: string): boolean => MISSING.has(cell.trim().toLowerCase());

/** A file's name without its ending, also where it is packed: `hippocampus_001.nii.gz`. */
export const stemOf = (file: string): string =>
  file
    .slice(file.lastIndexOf("/") + 1)
    .replace(/\.gz$/i, "")
    .replace(/\.[^.]+$/, "");

/** Ending of a file's name without the dot, in lower case, also where it is packed: `nii` of `a.nii.gz`. */
export function endingOf(file: string): string {
  const bare = file.replace(/\.gz$/i, "");
  const dot = bare.lastIndexOf(".");
  return dot < 0 ? "" : bare.slice(dot + 1).toLowerCase();
}

/** Hidden files, and what operating systems and archivers leave behind: never part of a dataset. */
export const isOfSystem = (name: string): boolean =>
  name.startsWith(".") ||
  /^(__MACOSX|thumbs\.db|ehthumbs\.db|desktop\.ini|@eaDir|\$RECYCLE\.BIN|System Volume Information)$/i.test(name);

/** Files that describe a dataset and hold none of it. */
export const isAbout = (file: string): boolean =>
  /^(dataset\.json|readme|licen[cs]e|attribution|citation|changelog|notice|copying|authors)/i.test(file);
