import { formatTable } from "./table.ts";

type Cell = string | number;

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const numberText = (value: number): string =>
  Number.isInteger(value) ? String(value) : Number(value.toPrecision(4)).toString();

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return numberText(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Fields of an answer: those of an object, of objects in it by their last key, and a list as one. */
function fieldsOf(answer: unknown): [string, Cell][] {
  if (!isObject(answer)) return [["answer", cellOf(answer)]];
  return Object.entries(answer).flatMap(([name, value]): [string, Cell][] => {
    if (!isObject(value)) return [[name, cellOf(value)]];
    const entries = Object.entries(value);
    // One measured thing with its unit reads best in one cell.
    if ("value" in value && entries.every(([, one]) => isPlain(one)))
      return [
        [name, entries.map(([key, one]) => (key === "value" ? cellOf(one) : `${key} ${cellOf(one)}`)).join(", ")],
      ];
    return entries.map(([key, one]) => [key, cellOf(one)]);
  });
}

/**
 * Answers as a table for a terminal.
 *
 * @param answers JSON of each, null where there is none
 */
export function answersTable(answers: readonly { readonly id: string; readonly answer: unknown }[]): string {
  const rows = answers.map(({ id, answer }) => ({ id, fields: new Map(answer === null ? [] : fieldsOf(answer)) }));
  const columns = [...new Set(rows.flatMap(({ fields }) => [...fields.keys()]))];
  return formatTable(
    ["id", ...columns],
    rows.map(({ id, fields }) => [id, ...columns.map((column) => fields.get(column) ?? "–")]),
  );
}
