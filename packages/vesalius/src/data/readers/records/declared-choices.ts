import { VesaliusError } from "../../../common/errors.ts";
import { type Choices, choicesColumn } from "../../columns/choices.ts";
import type { ColumnDeclaration } from "./column-declaration.node.ts";
import type { ColumnContext, PreparedColumn } from "./declared-columns.node.ts";
import { type Cell, fieldNamed, fieldsUnder, numberOf, type Records, textOf } from "./records.ts";

type Declaration = Extract<ColumnDeclaration, { kind: "choices" }>;

/** The options of one example with the names that the data give them: letters, or nothing. */
interface NamedOptions {
  readonly names: readonly (string | undefined)[];
  readonly texts: readonly string[];
}

/** Options of a text with one a line, each behind its letter: `A zinc`, `B. iron`; undefined for any other text. */
function letteredLines(text: string): NamedOptions | undefined {
  const found = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => /^\s*([A-J])(?:[.、:：)）]\s*|\s+)(\S.*)$/u.exec(line));
  if (found.length < 2 || found.some((match, i) => match?.[1] !== letterOf(i))) return undefined;
  return { names: found.map((match) => match![1]!), texts: found.map((match) => match![2]!.trim()) };
}

/** Whether a cell is a text of options, one a line behind their letters. */
export const holdsLetteredLines = (cell: Cell): boolean =>
  typeof cell === "string" && letteredLines(cell) !== undefined;

/** Options of every record: of one field for each, of an object, or of a list. */
function optionsOf(records: Records, from: Declaration["from"]): (row: number) => NamedOptions {
  const fields = [from].flat();
  const [single] = fields as [string];
  const under = fields.length > 1 ? [] : fieldsUnder(records, single);
  const texts = under.find((field) => field === `${single}.text`);
  // ARC writes { text: [...], label: [...] }.
  const listed = texts !== undefined && under.length === 2 ? texts : under.length > 0 ? undefined : single;
  if (fields.length === 1 && listed !== undefined) {
    const cells = records.fields.get(fieldNamed(records, listed))!;
    const labels = records.fields.get(`${single}.label`);
    return (row) => {
      const cell = cells[row]!;
      if (typeof cell === "string") return letteredLines(cell) ?? { names: [], texts: [] };
      if (!Array.isArray(cell)) return { names: [], texts: [] };
      const names = labels?.[row];
      return {
        names: cell.map((part: unknown, i) => (Array.isArray(names) ? String(names[i]) : keyOf(part))),
        texts: cell.map(textOfOption),
      };
    };
  }
  const named = under.length > 0 ? under : fields.map((field) => fieldNamed(records, field));
  const columns = named.map((field) => ({
    name: under.length > 0 ? field.slice(single.length + 1) : undefined,
    cells: records.fields.get(field)!,
  }));
  return (row) => {
    const given = columns.flatMap(({ name, cells }, i) => {
      const text = textOf(cells[row]!);
      return text === undefined ? [] : [{ name: name ?? letterOf(i), text }];
    });
    return { names: given.map(({ name }) => name), texts: given.map(({ text }) => text) };
  };
}

const letterOf = (position: number): string => String.fromCharCode(65 + position);

/** An option of a list can be `{ "key": "A", "value": "zinc" }`. */
const keyOf = (part: unknown): string | undefined =>
  part !== null && typeof part === "object" && "key" in part ? String(part.key) : undefined;
const textOfOption = (part: unknown): string =>
  String(part !== null && typeof part === "object" && "value" in part ? part.value : part);

/**
 * Whether positions count from 0 or from 1: from 0 where 0 occurs, from 1 where one occurs that is as large as the number of
 * options.
 *
 * @throws VesaliusError `bad-data` where neither does, so that nobody knows
 */
function firstPosition(
  positions: readonly (number | undefined)[],
  counts: readonly number[],
  { answer, first }: Declaration,
  where: string,
): number {
  if (first !== undefined) return first;
  if (positions.includes(0)) return 0;
  if (positions.some((position, row) => position !== undefined && position === counts[row])) return 1;
  if (positions.every((position) => position === undefined)) return 0;
  throw new VesaliusError(
    "bad-data",
    `whether the right options of ${answer} are counted from 0 or from 1 is not clear`,
    {
      where,
      fix: (option) => `say it in ${option("columns")}: { kind: choices, from: ..., answer: ${answer}, first: 0 }`,
    },
  );
}

/**
 * Options of questions with the right one, which is named by its letter or key, its position or its text; -1 and nothing mean
 * that none is stated, as in the questions of a hidden test.
 *
 * @throws VesaliusError `bad-data` with the row whose right option is none of its options; nothing is quoted
 */
export function declaredChoices({ records }: ColumnContext, declaration: Declaration): PreparedColumn {
  const read = optionsOf(records, declaration.from);
  const all = Array.from({ length: records.length }, (_, row) => read(row));
  const cells = declaration.answer === undefined ? undefined : records.fields.get(declaration.answer)!;
  const answers = all.map((_, row) => textOf(cells?.[row] ?? null)?.trim());
  const byName = (row: number): number =>
    all[row]!.names.findIndex((name) => name?.toLowerCase() === answers[row]!.toLowerCase());
  const byText = (row: number): number => all[row]!.texts.findIndex((text) => text.trim() === answers[row]);
  const positions = answers.map((answer, row) => {
    const number = answer === undefined ? undefined : numberOf(answer);
    return number === undefined || Number.isNaN(number) || number < 0 || byName(row) >= 0 ? undefined : number;
  });
  const counts = all.map(({ texts }) => texts.length);
  // Options can be numbers themselves: what is an option's text in every row is no position.
  const numbers = positions.some((position, row) => position !== undefined && byText(row) < 0);
  const first = numbers ? firstPosition(positions, counts, declaration, records.whereOf(0)) : 0;
  let unstated = 0;
  const values = all.map(({ texts: options }, row): Choices | null => {
    const where = records.whereOf(row);
    if (options.length === 0) return null;
    if (options.length < 2) throw new VesaliusError("bad-data", "the question has a single option", { where });
    const answer = answers[row];
    if (answer === undefined || answer === "" || Number(answer) === -1) {
      unstated++;
      return { options, answer: null };
    }
    const letter = /^[A-Za-z]$/.test(answer) ? answer.toUpperCase().charCodeAt(0) - 65 : -1;
    const position = positions[row];
    const found = [
      byName(row),
      numbers && position !== undefined ? position - first : -1,
      byText(row),
      all[row]!.names.every((name) => name === undefined) ? letter : -1,
    ].find((place) => place >= 0);
    if (found !== undefined && Number.isInteger(found) && found < options.length) return { options, answer: found };
    throw new VesaliusError("bad-data", `the right answer is none of the ${options.length} options`, {
      where: `${where}, column ${declaration.answer}`,
      fix: "correct the answer, or leave it empty where it is not known",
    });
  });
  const repeated = declaration.text === undefined ? undefined : records.fields.get(declaration.text)!;
  const other = values.filter((value, row) => {
    const text = textOf(repeated?.[row] ?? null)?.trim();
    return (
      text !== undefined && value !== null && value.answer !== null && value.options[value.answer]!.trim() !== text
    );
  }).length;
  return {
    make: (rows) => choicesColumn(rows.map((row) => values[row]!)),
    cautions: [
      ...(unstated === 0 ? [] : [`${unstated} questions state no right answer.`]),
      ...(other === 0 ? [] : [`In ${other} questions ${declaration.text} is not the text of the right option.`]),
    ],
  };
}
