import type { MedicalCode } from "../../columns/timelines.ts";
import { daysOf } from "../timelines/dates.ts";
import type { StatedEvent, StatedPatient } from "../timelines/patients.ts";
import type { Layout } from "./settings.ts";
import type { Row, TableReader } from "./tables.node.ts";

const listed = <Item>(items: Item | readonly Item[] | undefined): readonly Item[] =>
  items === undefined ? [] : ([items].flat() as Item[]);

const perDay = { minutes: 1440, hours: 24, days: 1 } as const;

/** How much was not read, and why. */
class Counts {
  readonly #counts = new Map<string, number>();

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  cautions(): string[] {
    return [...this.#counts].map(([what, count]) => `${count} ${what}`);
  }
}

/** A time on the clock of the layout. */
function timeOf(text: string, times: Layout["times"]): number | undefined {
  if (times === "dates") return daysOf(text);
  const value = Number(text);
  return Number.isFinite(value) ? value / perDay[times] : undefined;
}

const firstOf = (row: Row, columns: readonly string[]): string | undefined => {
  for (const column of columns) {
    const cell = row(column);
    if (cell !== undefined) return cell;
  }
  return undefined;
};

/** A date of birth: the first column that is a date, else year, month and day from the columns behind it. */
function birthOf(row: Row, columns: readonly string[]): number | undefined {
  for (const [i, column] of columns.entries()) {
    const cell = row(column);
    if (cell === undefined) continue;
    if (!/^\d{1,4}$/.test(cell)) return daysOf(cell);
    const [month = "1", day = "1"] = [columns[i + 1], columns[i + 2]].map((name) =>
      name === undefined ? undefined : row(name),
    );
    return daysOf(`${cell.padStart(4, "0")}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`);
  }
  return undefined;
}

/** Birth from an age in years at time 0, or in a year; ages above a limit are written as `> 89`. */
function birthOfAge(text: string | undefined, year: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const above = /^>\s*(\d+)$/.exec(text);
  const age = above === null ? Number(text) : Number(above[1]) + 1;
  if (!Number.isFinite(age)) return undefined;
  const at = year === undefined ? 0 : daysOf(year);
  return at === undefined ? undefined : at - age * 365.25;
}

/** Values of a column of a table by those of another. */
async function lookUp(tables: TableReader, file: string, key: string, value: string): Promise<Map<string, string>> {
  const table = await tables.required(file, [key, value]);
  const found = new Map<string, string>();
  for (const row of table.rows()) {
    const [from, to] = [row(key), row(value)];
    if (from !== undefined && to !== undefined) found.set(from, to);
  }
  return found;
}

type EventTable = Layout["events"][number];

/** What the codes of a table are called. */
async function codeReader(tables: TableReader, table: EventTable): Promise<(row: Row) => MedicalCode | undefined> {
  const { category, system, systemColumn, concepts } = table;
  const codes = new Map<string, MedicalCode>();
  const vocabulary = concepts === undefined ? undefined : await tables.optional(concepts.file);
  if (concepts !== undefined && vocabulary !== undefined)
    for (const row of vocabulary.rows()) {
      const key = row(concepts.key);
      if (key === undefined) continue;
      const name = concepts.name === undefined ? undefined : row(concepts.name);
      codes.set(key, {
        category,
        system: (concepts.system === undefined ? undefined : row(concepts.system)) ?? system,
        code: (concepts.code === undefined ? undefined : row(concepts.code)) ?? key,
        ...(name === undefined ? {} : { name }),
      });
    }
  return (row) => {
    const code = firstOf(row, listed(table.code));
    // OMOP writes 0 for what no concept stands for.
    if (code === undefined || (system === "OMOP" && code === "0")) return undefined;
    const known = codes.get(code);
    if (known !== undefined) return known;
    const of = systemColumn === undefined ? "" : (row(systemColumn) ?? "");
    const name = table.name === undefined ? undefined : row(table.name);
    return { category, system: `${system}${of}`, code, ...(name === undefined ? {} : { name }) };
  };
}

async function addEvents(
  tables: TableReader,
  table: EventTable,
  times: Layout["times"],
  events: ReadonlyMap<string, StatedEvent[]>,
  counts: Counts,
): Promise<void> {
  const { file, category, person, timeFrom, value, unit, visit, without = {} } = table;
  const found = await tables.optional(file);
  if (found === undefined) return;
  await tables.required(file, [person, ...(timeFrom === undefined ? [] : [timeFrom.key])]);
  const elsewhere =
    timeFrom === undefined ? undefined : await lookUp(tables, timeFrom.file, timeFrom.key, timeFrom.time);
  const codeOf = await codeReader(tables, table);
  for (const row of found.rows()) {
    if (Object.entries(without).some(([column, cell]) => row(column) === cell)) {
      counts.add(`rows of ${file} were left out as cancelled.`);
      continue;
    }
    const own = events.get(row(person) ?? "");
    const at = elsewhere === undefined ? firstOf(row, listed(table.time)) : elsewhere.get(row(timeFrom!.key) ?? "");
    const time = at === undefined ? undefined : timeOf(at, times);
    const code = codeOf(row);
    if (own === undefined) counts.add(`rows of ${file} are of nobody in the table of persons and were left out.`);
    else if (at === undefined) counts.add(`rows of ${file} without a time were left out.`);
    else if (time === undefined) counts.add(`rows of ${file} have a time that is none and were left out.`);
    else if (code === undefined) counts.add(`rows of ${file} without a code were left out.`);
    else {
      const stated = value === undefined ? undefined : row(value);
      const number = stated === undefined ? undefined : Number(stated);
      if (number !== undefined && !Number.isFinite(number))
        counts.add(`values of the category ${category} are no numbers and were left out.`);
      own.push({
        time,
        code,
        visit: visit === undefined ? undefined : row(visit),
        value: Number.isFinite(number) ? number : undefined,
        unit: unit === undefined ? undefined : row(unit),
      });
    }
  }
}

/**
 * Patients of tables. Tables of events that are not there are skipped; rows that cannot be read are counted.
 *
 * @throws VesaliusError `bad-data` for a table or column that is needed and not there
 */
export async function readLayout(
  tables: TableReader,
  layout: Layout,
): Promise<{ readonly patients: readonly StatedPatient[]; readonly cautions: readonly string[] }> {
  const { persons, splits, deaths, times } = layout;
  const counts = new Counts();
  const table = await tables.required(persons.file, [persons.key]);
  const ofSplits = splits !== undefined && (await tables.optional(splits.file)) !== undefined ? splits : undefined;
  const splitOf =
    ofSplits === undefined ? undefined : await lookUp(tables, ofSplits.file, ofSplits.key, ofSplits.split);
  const deathOf = new Map<string, string>();
  if (deaths !== undefined)
    for (const row of (await tables.optional(deaths.file))?.rows() ?? []) {
      const [key, date] = [row(deaths.person), firstOf(row, listed(deaths.date))];
      if (key !== undefined && date !== undefined) deathOf.set(key, date);
    }
  const events = new Map<string, StatedEvent[]>();
  const patients: StatedPatient[] = [];
  const cell = (row: Row, column: string | undefined): string | undefined =>
    column === undefined ? undefined : row(column);
  for (const row of table.rows()) {
    const id = row(persons.key);
    if (id === undefined || events.has(id)) {
      counts.add(
        `rows of ${persons.file} ${id === undefined ? "without a key" : "with the key of another"} were left out.`,
      );
      continue;
    }
    const split = splitOf === undefined ? cell(row, persons.split) : splitOf.get(id);
    if (splitOf !== undefined && split === undefined) {
      counts.add(`rows of ${persons.file} are of no split and were left out.`);
      continue;
    }
    const own: StatedEvent[] = [];
    events.set(id, own);
    const stated = cell(row, persons.outcome);
    const death = cell(row, persons.death) ?? deathOf.get(id);
    patients.push({
      id,
      group: cell(row, persons.group) ?? id,
      split,
      birth: birthOf(row, listed(persons.birth)) ?? birthOfAge(cell(row, persons.age), cell(row, persons.ageYear)),
      death: death === undefined ? undefined : timeOf(death, times),
      origin: times === "dates" ? undefined : 0,
      events: own,
      ...(persons.outcome === undefined ? {} : { outcome: stated === undefined ? null : stated === persons.outcomeIs }),
      attributes: persons.sex === undefined ? {} : { sex: row(persons.sex) ?? null },
    });
  }
  for (const one of layout.events) await addEvents(tables, one, times, events, counts);
  return { patients, cautions: [...tables.cautions, ...counts.cautions()] };
}
