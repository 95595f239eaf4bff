import { VesaliusError } from "../../common/errors.ts";
import type { Column } from "../column.ts";
import type { DatasetCard } from "../dataset-card.ts";
import type { DatasetFolder } from "../files/dataset-folder.node.ts";
import { bareName, endingOf } from "../files/names.ts";
import { categoriesColumn } from "../columns/categories.ts";
import { readLines } from "../readers/json-lines.node.ts";
import { columnDeclaration, declaredColumn } from "../readers/records/declared-columns.node.ts";
import { alphabetOf } from "../readers/records/infer-columns.node.ts";
import { joinRecords, listedNames, type Records, textOf } from "../readers/records/records.ts";
import { rolesOf } from "../readers/records/roles.ts";
import { readTableFile } from "../readers/table.node.ts";
import type { InputColumn, InputColumns } from "./input-columns.ts";

/** Other names of fields for columns that are called so by habit. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  image: ["image_path", "image_file", "file", "path", "filename"],
  molecule: ["smiles"],
  sequence: ["seq", "protein", "dna", "rna"],
  text: ["sentence", "note", "report"],
};

/** The field that holds a column: of its name, or of a name by habit. */
function fieldOf(records: Records, name: string): string | undefined {
  const bare = new Map([...records.fields.keys()].map((field) => [bareName(field), field]));
  return [name, ...(ALSO[name] ?? [])].map((one) => bare.get(bareName(one))).find((field) => field !== undefined);
}

/** Categories with the levels that the model knows; others are missing. */
function knownLevels(records: Records, fields: readonly string[], { names = [], levels = [] }: InputColumn): Column {
  const index = levels.map((texts) => new Map(texts.map((text, level) => [text, level])));
  const values = Array.from({ length: records.length }, (_, row) =>
    fields.map((field, i) => index[i]?.get(textOf(records.fields.get(field)![row]!) ?? "") ?? -1),
  );
  return categoriesColumn(names, levels, records.length, values.flat());
}

async function inputColumn(
  name: string,
  input: InputColumn,
  context: { readonly records: Records; readonly folder: DatasetFolder; readonly card: DatasetCard },
): Promise<Column | undefined> {
  const { records, folder } = context;
  const rows = Array.from({ length: records.length }, (_, row) => row);
  const kind = input.kinds[0]!;
  if (input.names !== undefined && (kind === "numbers" || kind === "categories")) {
    const found = input.names.map((one) => fieldOf(records, one));
    const absent = input.names.filter((_, i) => found[i] === undefined);
    if (absent.length === input.names.length && input.optional === true) return undefined;
    if (absent.length > 0) {
      throw new VesaliusError("bad-data", `the table lacks ${absent.join(", ")}, which the model reads as ${name}`, {
        where: folder.path,
        fix: `it has ${listedNames([...records.fields.keys()])}; leave cells empty where a value is missing`,
      });
    }
    const fields = found as string[];
    if (kind === "categories") return knownLevels(records, fields, input);
    const { make } = await declaredColumn({ ...context, splits: [] }, { kind, from: fields });
    return { ...(await make(rows)), names: input.names } as Column;
  }
  const field = fieldOf(records, name);
  if (field === undefined) return undefined;
  const alphabet = input.alphabet ?? alphabetOf(records.fields.get(field)!) ?? "protein";
  const declaration = columnDeclaration.safeParse({
    kind,
    from: field,
    ...(kind === "sequences" ? { alphabet } : {}),
    ...(kind === "images" ? { storage: "files" } : {}),
  });
  if (!declaration.success)
    throw new VesaliusError("bad-data", `${kind} are not read from a table`, { where: folder.path });
  const { make } = await declaredColumn({ ...context, splits: [] }, declaration.data);
  return make(rows);
}

/** Columns that a model reads, from a table or JSON lines with a field for each. */
export async function readInputTable(
  folder: DatasetFolder,
  file: string,
  columns: InputColumns,
  card: DatasetCard,
): Promise<{
  readonly ids: readonly string[];
  readonly groups: readonly string[] | undefined;
  readonly columns: Record<string, Column>;
}> {
  const isTable = ["csv", "tsv"].includes(endingOf(file));
  const records = joinRecords([await (isTable ? readTableFile(folder, file) : readLines(folder, file))]);
  if (records.length === 0) throw new VesaliusError("bad-data", "the file holds no rows", { where: folder.path });
  const found: Record<string, Column> = {};
  for (const [name, input] of Object.entries(columns)) {
    const column = await inputColumn(name, input, { records, folder, card });
    if (column !== undefined) found[name] = column;
  }
  const roles = rolesOf(records, {}, card);
  return { ids: roles.ids.map((id) => id.replace(/^train\//, "")), groups: roles.groups, columns: found };
}
