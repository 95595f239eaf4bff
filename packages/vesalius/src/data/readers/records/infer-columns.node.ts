import { foreignLetter, type SequenceAlphabet } from "../../columns/sequences.ts";
import { countWords } from "../../columns/texts.ts";
import { bareName } from "../../files/names.ts";
import { isImageName } from "../image-files.node.ts";
import type { ColumnDeclaration } from "./column-declaration.node.ts";
import { inferShapes } from "./infer-shapes.ts";
import { flagCaution, flagFields, separatorOf, SUBGROUPS } from "./infer-labels.ts";
import { levelsOf } from "./declared-columns.node.ts";
import { type Cell, fieldNamed, fieldsByBareName, numberOf, type Records, textOf } from "./records.ts";
import type { Roles } from "./roles.ts";

/** What a person says about columns that are otherwise found by name and content. */
export interface InferenceSettings {
  /** What is to be predicted: one field, or several of 0 and 1. */
  readonly target?: string | readonly string[] | undefined;
  /** Fields that are to be predicted and keep their names, of parts that are labelled differently. */
  readonly targets?: readonly string[] | undefined;
  /** Field that names image files; found by habit without it. */
  readonly imageField?: string | undefined;
  /** Alphabet of the field `sequence`; found by its letters without it. */
  readonly alphabet?: SequenceAlphabet | undefined;
  /** Names by class index and whether they have an order, where the target is classes. */
  readonly labels?: readonly string[] | undefined;
  readonly ordered?: boolean | undefined;
  /** Whether fields without another role become the columns `covariates` (numbers) and `categories`. */
  readonly covariates: boolean;
  /** Settings for a column of images. */
  readonly images: Pick<Extract<ColumnDeclaration, { kind: "images" }>, "size" | "channels" | "window" | "storage">;
}

const TIME = ["time", "duration", "survival_time", "survival_months", "os_time", "os_months", "time_to_event", "t"];
const EVENT = ["event", "status", "observed", "died", "death", "dead", "os_event", "os_status", "e"];
/** Columns that name files. */
export const FILE_NAMES = [
  "file",
  "path",
  "image",
  "image_path",
  "image_file",
  "img",
  "img_path",
  "filename",
  "file_name",
  "file_path",
  "image_name",
  "image_filename",
  "image_id",
  "images",
  "fname",
  "image_index",
  "id_code",
  "isic_id",
];
const MASK = ["mask", "mask_path", "mask_file", "segmentation", "annotation"];
const MOLECULE = ["smiles", "canonical_smiles", "molecule", "mol"];
const SEQUENCE = ["sequence", "seq", "protein_sequence", "protein", "dna", "rna", "dna_sequence", "rna_sequence"];
const SPANS = ["spans", "entities", "annotations"];
const TARGET = [
  "label",
  "class",
  "target",
  "category",
  "final_decision",
  "diagnosis",
  "y",
  "labels",
  "class_name",
  "label_name",
  "finding_labels",
  "dx",
  "disease_tag",
  "section_header",
  "ground_truth",
  "outcome",
  "diagnose",
  "befund",
  "klasse",
  "diagnostic",
  "diagnóstico",
  "diagnosi",
  "标签",
  "类别",
  "诊断",
];
/** What holds sentences, however few there are. */
const TEXTS = new Set(
  "text sentence question query answer report note notes abstract title context document passage findings impression description caption dialogue instruction input output".split(
    " ",
  ),
);
/** Whether a field holds sentences by its name: `question`, `report`. */
export const isTextField = (name: string): boolean => TEXTS.has(bareName(name));

/** The field that is to be predicted by its name. */
export function targetOf(fields: readonly string[]): string | undefined {
  const bare = new Map(fields.map((field) => [bareName(field), field]));
  return TARGET.map((name) => bare.get(bareName(name))).find((field) => field !== undefined);
}

/** Whole numbers of at most so many different values can be classes. */
const MOST_CLASSES = 20;
/** Short texts of at most so many different values are categories. */
const MOST_LEVELS = 50;
/** More different items in lists than this are words, not labels. */
const MOST_LABELS = 1000;

const meanWords = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + countWords(text), 0) / texts.length;

/** Whether fields hold sentences: a scaffold or a path has letters between signs, which are no words. */
const isProse = (cells: readonly Cell[]): boolean =>
  meanWords(cells.map((cell) => textOf(cell) ?? "").map((text) => (/\s|\p{Script=Han}/u.test(text) ? text : "x"))) >= 3;

/** What a field holds, by its values. */
type Holds = "numbers" | "levels" | "texts" | "labels" | "spans" | "identifiers" | "nothing";

function holds(cells: readonly Cell[]): Holds {
  const found = cells.filter((cell) => cell !== null);
  if (found.length === 0) return "nothing";
  if (found.every((cell) => Array.isArray(cell))) {
    const inner = found.flat();
    if (inner.length > 0 && inner.every((part) => typeof part === "object" && part !== null)) return "spans";
    const items = inner.map(String);
    return items.length > 0 && meanWords(items) <= 5 && new Set(items).size <= MOST_LABELS ? "labels" : "texts";
  }
  if (found.every((cell) => numberOf(cell) !== undefined)) return "numbers";
  const texts = found.map((cell) => textOf(cell)!);
  const [mean, distinct] = [meanWords(texts), new Set(texts).size];
  if (distinct <= MOST_LEVELS && mean <= 3 && (distinct <= 10 || distinct < texts.length / 2)) return "levels";
  return mean < 1.2 && distinct > 0.9 * texts.length ? "identifiers" : "texts";
}

/** Alphabet of sequences by their letters; undefined where they are none. */
export function alphabetOf(cells: readonly Cell[]): SequenceAlphabet | undefined {
  const values = cells.flatMap((cell) => (typeof cell === "string" ? [cell.toUpperCase()] : []));
  if (values.length === 0) return undefined;
  const fits = (alphabet: SequenceAlphabet): boolean => values.every((value) => foreignLetter(value, alphabet) < 0);
  // Ambiguity codes fit nearly every protein: nucleotides are mostly A, C, G, T, U, N.
  const letters = values.slice(0, 200).join("");
  const plain = (letters.match(/[ACGTUN]/g)?.length ?? 0) / Math.max(letters.length, 1);
  if (plain > 0.9 && fits("dna")) return "dna";
  if (plain > 0.9 && fits("rna")) return "rna";
  return fits("protein") ? "protein" : undefined;
}

const isImageField = (cells: readonly Cell[]): boolean =>
  cells.every((cell) => typeof cell === "string" && isImageName(cell.slice(cell.lastIndexOf("/") + 1)));

/** What is to be predicted, by the values of its field or fields. */
function targetColumn(
  records: Records,
  fields: readonly string[],
  { labels, ordered = false }: Pick<InferenceSettings, "labels" | "ordered"> = {},
): ColumnDeclaration {
  const names = labels === undefined ? {} : { names: [...labels] };
  if (fields.length > 1) return { kind: "labels", from: [...fields], least: 1 };
  const [from] = fields as [string];
  const cells = records.fields.get(from)!;
  const kind = holds(cells);
  const whole = cells.every((cell) => cell === null || Number.isInteger(numberOf(cell)));
  if (labels === undefined && kind === "numbers" && (!whole || new Set(cells).size > MOST_CLASSES))
    return { kind: "numbers", from };
  if (kind === "labels" || Array.isArray(cells.find((cell) => cell !== null)))
    return { kind: "labels", from, least: 1 };
  const separator = separatorOf(cells);
  if (separator !== undefined) return { kind: "labels", from, separator, least: 1, ...names };
  return { kind: "classes", from, ...names, ordered, foldCase: false, least: 1, others: "error" };
}

/** Columns that were found, and fields that became none. */
export interface InferredColumns {
  readonly columns: Readonly<Record<string, ColumnDeclaration>>;
  /** Fields for subgroups. */
  readonly attributes: readonly string[];
  /** What was decided by values alone. */
  readonly cautions: readonly string[];
}

/**
 * Finds columns by the names and values of fields: time and event, images, molecules, sequences, spans, a target, texts,
 * and, where asked for, covariates. Everything can be said in the recipe instead.
 *
 * @param roles fields that have another role
 */
export function inferColumns(
  records: Records,
  { used, groupField }: Pick<Roles, "used" | "groupField">,
  settings: InferenceSettings,
): InferredColumns {
  const columns: Record<string, ColumnDeclaration> = {};
  const taken = new Set(used);
  const all = [...records.fields.keys()];
  const bare = fieldsByBareName(records.fields);
  const habit = (names: readonly string[]): string | undefined =>
    names.map((name) => bare.get(bareName(name))).find((field) => field !== undefined && !taken.has(field));
  const add = (name: string, declaration: ColumnDeclaration, ...fields: readonly string[]): void => {
    columns[name] = declaration;
    for (const field of fields) taken.add(field);
  };
  const cellsOf = (field: string): readonly Cell[] => records.fields.get(field)!;
  for (const field of settings.targets ?? []) add(field, targetColumn(records, [field]), field);
  const asked = settings.target === undefined ? [] : [settings.target].flat().map((name) => fieldNamed(records, name));
  for (const field of asked) taken.add(field);

  for (const { name, declaration, fields } of inferShapes(records, habit))
    if (fields.every((field) => !taken.has(field)) && !Object.hasOwn(columns, name)) add(name, declaration, ...fields);

  const [time, event] = [habit(TIME), habit(EVENT)];
  if (
    time !== undefined &&
    event !== undefined &&
    levelsOf(cellsOf(event)).every((level) => [0, 1].includes(Number(level)))
  )
    add("event", { kind: "events", time, event }, time, event);
  const image = settings.imageField ?? habit(FILE_NAMES);
  if (image !== undefined && (settings.imageField !== undefined || isImageField(cellsOf(image))))
    add("image", { kind: "images", from: image, ...settings.images }, image);
  const mask = habit(MASK);
  if (mask !== undefined && isImageField(cellsOf(mask)))
    add("mask", { kind: "masks", from: mask, size: settings.images.size }, mask);
  const molecule = habit(MOLECULE);
  if (molecule !== undefined) add("molecule", { kind: "molecules", from: molecule }, molecule);
  const sequence = habit(SEQUENCE);
  const alphabet = settings.alphabet ?? (sequence === undefined ? undefined : alphabetOf(cellsOf(sequence)));
  if (sequence !== undefined && alphabet !== undefined)
    add("sequence", { kind: "sequences", from: sequence, alphabet }, sequence);
  const spans = habit(SPANS);
  const text = bare.get("text");
  if (spans !== undefined && text !== undefined && holds(cellsOf(spans)) === "spans")
    add("spans", { kind: "spans", from: spans, text, offsets: "characters" }, spans);
  const target = asked.length > 0 ? asked : [habit(TARGET)].flatMap((field) => field ?? []);
  if (target.length > 0) add("label", targetColumn(records, target, settings), ...target);

  const attributes: string[] = [];
  let covariates: string[] = [];
  const categories: string[] = [];
  for (const field of all.filter((name) => !taken.has(name))) {
    const cells = cellsOf(field);
    const found = holds(cells);
    const kind = isTextField(field) && ["levels", "identifiers"].includes(found) ? "texts" : found;
    // What groups examples is no covariate; a question or an image that does may be read too.
    if (field === groupField && (kind !== "texts" || !isProse(cells))) continue;
    if (kind === "texts") add(field, { kind: "texts", from: field }, field);
    else if (kind === "labels") add(field, { kind: "labels", from: field, least: 1 }, field);
    else if (kind === "numbers") covariates.push(field);
    else if (kind === "levels") categories.push(field);
    if (kind === "levels" || (kind === "numbers" && (!settings.covariates || isSubgroup(field, cells))))
      attributes.push(field);
  }
  // A molecule or sequence with numbers beside it and nothing else to predict: the numbers are what was measured.
  const measured = ["molecule", "sequence"].some((name) => Object.hasOwn(columns, name));
  const nothing = !["label", "event", "spans"].some((name) => Object.hasOwn(columns, name));
  if (measured && nothing && covariates.length > 0) {
    add("label", measuredTarget(records, covariates), ...covariates);
    return { columns, attributes: attributes.filter((field) => !taken.has(field)), cautions: [] };
  }
  // One column of 0 and 1 for each finding beside an image.
  const flags =
    nothing && Object.hasOwn(columns, "image") && !Object.hasOwn(columns, "mask")
      ? flagFields(records, covariates)
      : [];
  if (flags.length > 0) {
    add("label", targetColumn(records, flags), ...flags);
    covariates = covariates.filter((field) => !taken.has(field));
  }
  if (settings.covariates && covariates.length > 0) columns["covariates"] = { kind: "numbers", from: covariates };
  if (settings.covariates && categories.length > 0) columns["categories"] = { kind: "categories", from: categories };
  const labels = new Set(flags);
  return {
    columns,
    attributes: attributes.filter((field) => !labels.has(field)),
    cautions: flags.length === 0 ? [] : [flagCaution(records, flags)],
  };
}

/** Whether numbers of a table make subgroups: few different ones, or what subgroups are usually made by. */
const isSubgroup = (field: string, cells: readonly Cell[]): boolean =>
  SUBGROUPS.has(bareName(field)) || new Set(cells).size <= 6;

function measuredTarget(records: Records, fields: readonly string[]): ColumnDeclaration {
  const flags = fields.every((field) =>
    records.fields.get(field)!.every((cell) => [0, 1].includes(numberOf(cell)!) || cell === null),
  );
  return fields.length === 1 || flags ? targetColumn(records, fields) : { kind: "numbers", from: [...fields] };
}
