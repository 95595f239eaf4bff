import { VesaliusError } from "../../../common/errors.ts";
import type { Dataset, ReferencesColumn, Split, TextsColumn } from "../../../data/index.ts";
import type { SourceDocument } from "./passage.ts";
import type { AnsweredQuestion } from "./support.ts";

/** Which columns or attributes of a dataset say what of a document; found by name and length where they are left out. */
export interface DocumentFields {
  readonly text?: string;
  readonly title?: string;
  readonly source?: string;
  readonly date?: string;
  readonly url?: string;
}

const textsIn = ({ columns }: Split): [string, TextsColumn][] =>
  Object.entries(columns).flatMap(([name, column]) => (column.kind === "texts" ? [[name, column as TextsColumn]] : []));

const meanLength = ({ values }: TextsColumn): number =>
  values.slice(0, 1000).reduce((sum, value) => sum + value.length, 0) / Math.max(1, Math.min(1000, values.length));

/** A column or an attribute as texts, row by row; undefined where there is none of the name. */
function valuesOf(split: Split, name: string): ((row: number) => string | undefined) | undefined {
  const column = textsIn(split).find(([own]) => own.toLowerCase() === name.toLowerCase())?.[1];
  if (column !== undefined) return (row) => (column.present?.[row] === 0 ? undefined : column.values[row]);
  const attribute = Object.entries(split.attributes).find(([own]) => own.toLowerCase() === name.toLowerCase())?.[1];
  return attribute === undefined
    ? undefined
    : (row) => {
        const value = attribute[row];
        return value === null || value === undefined ? undefined : String(value);
      };
}

/** The parts of a dataset that hold documents: its only table, or its splits. */
function partsOf({ name, splits, tables }: Pick<Dataset, "name" | "splits" | "tables">): readonly Split[] {
  const found = Object.values(tables);
  if (found.length > 1)
    throw new VesaliusError("bad-data", `the data have ${found.length} tables, and it is not said which to index`, {
      where: name,
      fix: "name a folder with one table, or with documents alone",
    });
  return found.length === 1 ? found : Object.values(splits);
}

/**
 * Documents of a dataset: the entries of its table where it has one (a corpus beside questions), the examples of its splits
 * otherwise.
 *
 * @throws VesaliusError `bad-data` where no column holds texts, `bad-argument` for a field that is not there
 */
export function documentsOf(
  dataset: Pick<Dataset, "name" | "splits" | "tables">,
  fields: DocumentFields = {},
): SourceDocument[] {
  return partsOf(dataset).flatMap((split) => {
    const field = (key: keyof DocumentFields): ((row: number) => string | undefined) | undefined => {
      const found = valuesOf(split, fields[key] ?? key);
      if (found === undefined && fields[key] !== undefined)
        throw new VesaliusError("bad-argument", `${split.name} has no field of this name`, {
          where: fields[key],
          fix: `it has ${[...Object.keys(split.columns), ...Object.keys(split.attributes)].join(", ")}`,
        });
      return found;
    };
    const longest = textsIn(split)
      .filter(([name]) => name.toLowerCase() !== "title")
      .toSorted(([, a], [, b]) => meanLength(b) - meanLength(a))[0];
    const text = fields.text === undefined && longest !== undefined ? valuesOf(split, longest[0]) : field("text");
    if (text === undefined)
      throw new VesaliusError("bad-data", `${split.name} holds no texts`, {
        where: dataset.name,
        fix: "name data with a column of texts",
      });
    const [title, source, date, url] = (["title", "source", "date", "url"] as const).map(field);
    return split.ids.flatMap((id, row) => {
      const body = text(row);
      if (body === undefined || body.trim() === "") return [];
      const said = { title: title?.(row), source: source?.(row), date: date?.(row), url: url?.(row) };
      return [
        { id, text: body, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) },
      ];
    });
  });
}

/** Questions of a split with the documents that answer them; none where its examples refer to no table of texts. */
export function questionsOf(split: Split | undefined): AnsweredQuestion[] {
  const references = Object.values(split?.columns ?? {}).find(({ kind }) => kind === "references");
  const [, texts] = split === undefined ? [] : (textsIn(split)[0] ?? []);
  if (references === undefined || texts === undefined) return [];
  const { entries, offsets, rows } = references as ReferencesColumn;
  return texts.values.map((text, row) => ({
    text,
    documents: Array.from(rows.subarray(offsets[row], offsets[row + 1]), (at) => entries.ids[at]!),
  }));
}
