import { formatTable } from "./table.ts";

type Cell = string | number;

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const numberText = (value: number): string =>
  Number.isInteger(value) ? String(value) : Number(value.toPrecision(4)).toString();

/** Longer lists say nothing in a cell, and more columns are too many; `--json` holds them all. */
const longestList = 8;
/** Of many scores those are shown. */
const shownScores = 3;

/** The highest of many scores in one cell: `yes 0.62, no 0.31, both 0.02 ...`. */
const highestScores = (scores: readonly (readonly [string, number])[]): string =>
  `${[...scores]
    .sort(([, a], [, b]) => b - a)
    .slice(0, shownScores)
    .map(([name, score]) => `${name} ${numberText(score)}`)
    .join(", ")} ...`;

function cellOf(value: unknown): Cell {
  if (Array.isArray(value) && value.length > longestList) return `${value.length} values`;
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
    const scores = entries.filter((entry): entry is [string, number] => typeof entry[1] === "number");
    if (entries.length > longestList && scores.length === entries.length) return [[name, highestScores(scores)]];
    return entries.map(([key, one]) => [key, cellOf(one)]);
  });
}

/** What is answered at once: each of a list of objects (entities, documents found), otherwise the answer as a whole. */
const partsOf = (answer: unknown): readonly unknown[] =>
  Array.isArray(answer) && answer.length > 0 && answer.every(isObject) ? answer : [answer];

/**
 * Answers as a table for a terminal, a line for each; one for each of a list.
 *
 * @param answers JSON of each, null where there is none
 */
export function answersTable(answers: readonly { readonly id: string; readonly answer: unknown }[]): string {
  const isEmpty = (answer: unknown): boolean => answer === null || (Array.isArray(answer) && answer.length === 0);
  const rows = answers.flatMap(({ id, answer }) =>
    partsOf(answer).map((part) => ({ id, fields: new Map(isEmpty(part) ? [] : fieldsOf(part)) })),
  );
  const columns = [...new Set(rows.flatMap(({ fields }) => [...fields.keys()]))];
  return formatTable(
    ["id", ...columns],
    rows.map(({ id, fields }) => [id, ...columns.map((column) => fields.get(column) ?? "–")]),
  );
}
