import { z } from "zod";
import type { DatasetCard } from "../../dataset-card.ts";
import { VesaliusError } from "../../../common/errors.ts";
import type { DatasetFolder } from "../../files/dataset-folder.node.ts";
import { dividedBySplit } from "../examples.ts";
import { imageSettings } from "../image-columns.node.ts";
import { validate } from "../../../common/check.ts";
import { bareName } from "../../files/names.ts";
import { namesPeople } from "../../files/people.ts";
import { isImageName, namesImage } from "../image-files.node.ts";
import type { ReadData } from "../reader.ts";
import { attributesOf, usualAttributes } from "./attributes.ts";
import { type ColumnDeclaration, columnDeclaration } from "./column-declaration.node.ts";
import { declaredColumn, declaredFields } from "./declared-columns.node.ts";
import { withDisciplines } from "./disciplines.ts";
import { FILE_NAMES, inferColumns, type InferenceSettings } from "./infer-columns.node.ts";
import { refusePersonal } from "./groups.ts";
import { fieldsByBareName, type Records, takeRecords } from "./records.ts";
import { groupedBy, ownFiles, roleSettings, rolesOf, rowsOnly } from "./roles.ts";

/** Settings of every reader of records: tables, JSON, lines of JSON. */
export const recordSettings = {
  ...roleSettings,
  ...imageSettings,
  /** Columns by name, made of the fields that are named. Found by name and content without it. */
  columns: z.record(z.string().regex(/^[^.]+$/, "a column's name has no dot"), columnDeclaration).optional(),
  /** What is to be predicted: one field, or several of 0 and 1. It becomes the column `label`. */
  target: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
};

/** Settings of every reader of records, defaults filled in. */
export type RecordSettings = z.output<z.ZodObject<typeof recordSettings>>;

const cardColumns = z.looseObject({ columns: recordSettings.columns });

/**
 * Columns that the dataset's own description declares.
 *
 * @throws VesaliusError `bad-configuration` for declarations that are none
 */
const carded = (card: DatasetCard): Readonly<Record<string, ColumnDeclaration>> | undefined =>
  validate(cardColumns, card, { code: "bad-configuration", what: "dataset.json" }).columns;

/** What one example is, by what it holds. */
function unitOf(kinds: readonly string[], grouped: boolean): string {
  if (kinds.includes("images")) return "images";
  if (kinds.includes("molecules")) return "molecules";
  if (kinds.includes("sequences")) return "sequences";
  if (kinds.includes("events")) return grouped ? "cases" : "patients";
  return kinds.includes("texts") ? "texts" : "examples";
}

/** The field that names the examples' image files, where one does. */
function filesField(declarations: Readonly<Record<string, ColumnDeclaration>>): string | undefined {
  const fields = Object.values(declarations).flatMap((declaration) =>
    declaration.kind === "images" ? [declaration.from].flat() : [],
  );
  return fields.length === 1 ? fields[0] : undefined;
}

/** A column's declaration with the fields that it reads. */
interface DeclaredFields {
  readonly name: string;
  readonly declaration: ColumnDeclaration;
  readonly fields: readonly string[];
}

/**
 * Refuses a column that is made of what says who somebody is. Files are what they are, whatever their column is called, and
 * a text may be about people, which is said.
 *
 * @returns fields of texts that by their name say who somebody is
 * @throws VesaliusError `bad-argument`
 */
function checkPeople(declared: readonly DeclaredFields[]): string[] {
  return declared.flatMap(({ name, declaration, fields }) => {
    if (!("from" in declaration) || ["images", "masks", "spans"].includes(declaration.kind)) return [];
    if (["texts", "dialogues"].includes(declaration.kind)) return fields.filter(namesPeople);
    for (const field of fields) refusePersonal(field, `the column ${name}: a model would learn who somebody is`);
    return [];
  });
}

/** The field that names image files without their endings; those with one are found by their values. */
async function unendedImages(records: Records, folder: DatasetFolder): Promise<string | undefined> {
  const bare = fieldsByBareName(records.fields);
  const field = FILE_NAMES.map((name) => bare.get(bareName(name))).find((name) => name !== undefined);
  const cell = field === undefined ? undefined : records.fields.get(field)!.find((one) => one !== null);
  if (typeof cell !== "string" || isImageName(cell)) return undefined;
  return (await namesImage(cell, folder, records.whereOf(0))) ? field : undefined;
}

/**
 * Makes the splits of records: roles (split, identifier, group), the columns that are declared, or else those that names
 * and values suggest, and attributes for subgroups. What becomes nothing is said in a caution.
 *
 * @param settings.covariates whether fields without another role become `covariates` and `categories`
 * @param known what the reader knows already
 */
export async function readRecords(
  found: Records,
  settings: RecordSettings & { readonly covariates: boolean },
  { card, folder }: { readonly card: DatasetCard; readonly folder: DatasetFolder },
  known: Pick<InferenceSettings, "imageField" | "alphabet" | "labels" | "ordered" | "targets"> = {},
): Promise<ReadData> {
  const all = withDisciplines(found);
  if (all.length === 0) throw new VesaliusError("bad-data", "there are no records", { where: folder.path });
  const kept = rowsOnly(all, settings.only);
  const records = kept === undefined ? all : takeRecords(all, kept);
  if (records.length === 0)
    throw new VesaliusError("bad-data", "no record has the values that are asked for", {
      where: folder.path,
    });
  const imageField = known.imageField ?? (await unendedImages(records, folder));
  const roles = rolesOf(records, settings, card, imageField);
  const images = {
    size: settings.size,
    channels: settings.channels,
    window: settings.window,
    storage: settings.storage,
  };
  const inferred = inferColumns(records, roles, {
    ...known,
    imageField,
    target: settings.target,
    covariates: settings.covariates,
    images,
  });
  const declarations = settings.columns ?? carded(card) ?? inferred.columns;
  const declared = Object.entries(declarations).map(([name, declaration]): DeclaredFields => ({
    name,
    declaration,
    fields: declaredFields(records, declaration),
  }));
  const personal = checkPeople(declared);
  const context = { records, splits: roles.splits, card, folder };
  const columns: Record<string, Awaited<ReturnType<typeof declaredColumn>>> = {};
  for (const { name, declaration } of declared) columns[name] = await declaredColumn(context, declaration);
  if (Object.keys(columns).length === 0) {
    throw new VesaliusError("bad-data", "nothing in the records is taken for a column", {
      where: folder.path,
      fix: (option) => `say what they hold with ${option("columns")}`,
    });
  }
  const usual = usualAttributes(inferred.attributes);
  const { attributes, leftOut } = attributesOf(records, settings.attributes, usual.fields);
  const read = new Set(declared.flatMap(({ fields }) => fields));
  const passedOver = new Set(leftOut);
  const nowhere = [...records.fields.keys()].filter(
    (field) =>
      !roles.used.has(field) &&
      field !== roles.groupField &&
      !read.has(field) &&
      !Object.hasOwn(attributes, field) &&
      !passedOver.has(field),
  );
  const without = [...leftOut.filter((field) => !read.has(field)), ...nowhere];
  const cautions = [
    ...all.cautions,
    ...(declarations === inferred.columns ? inferred.cautions : []),
    ...roles.cautions,
    ...(settings.attributes === undefined ? usual.cautions : []),
    ...(personal.length === 0
      ? []
      : [`Texts are read from ${personal.join(", ")}, whose name says that people are named there.`]),
    ...Object.values(columns).flatMap((column) => column.cautions ?? []),
    ...(kept === undefined ? [] : [`Of ${all.length} records the ${records.length} that were asked for were read.`]),
    ...(without.length === 0
      ? []
      : [`Nothing was read from ${without.length} columns: ${without.slice(0, 10).join(", ")}.`]),
  ];
  const splits = await dividedBySplit(
    {
      splits: roles.splits,
      ids: (roles.numbered ? ownFiles(records, filesField(declarations)) : undefined) ?? roles.ids,
      groups: roles.groups,
      attributes,
      columns: Object.fromEntries(Object.entries(columns).map(([name, { make }]) => [name, make])),
    },
    folder.path,
  );
  const kinds = Object.values(declarations).map(({ kind }) => kind);
  return { unit: unitOf(kinds, roles.groups !== undefined), splits, cautions, ...groupedBy(roles) };
}
