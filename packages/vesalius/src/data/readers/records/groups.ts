import { VesaliusError } from "../../../common/errors.ts";
import type { DatasetCard } from "../../dataset-card.ts";
import { bareName } from "../../files/names.ts";
import { type PersonalKind, personalKind } from "../../files/people.ts";
import { type Cell, fieldNamed, fieldsByBareName, type Records, textOf } from "./records.ts";

const GROUP_NAMES = ["group", "group_id"].map(bareName);

/** The field of the groups, and what is worth saying of how it was chosen. */
export interface GroupChoice {
  readonly field: string | undefined;
  readonly cautions: readonly string[];
}

/**
 * Fields whose names say who somebody is, in their order.
 *
 * @param files field that names files, which is what it is, whatever it is called
 */
export const personalFields = (records: Records, files?: string): string[] =>
  [...records.fields.keys()].filter((field) => field !== files && personalKind(field) !== undefined);

const ofKind = (fields: readonly string[], kind: PersonalKind): string[] =>
  fields.filter((field) => personalKind(field) === kind);

/** Column that a card says is kept together: `metadata.focus (all questions about ...)`; also under the key `group`. */
function declaredGroup(records: Records, card: DatasetCard): { readonly key: string; readonly field?: string } {
  const declared = [card.groupingKey, card["group"], card["groupColumn"]].find(
    (one): one is string => typeof one === "string" && one.trim() !== "",
  );
  const key = (declared ?? "").split(/[(;:,]/)[0]!.trim();
  const field = key === "" ? undefined : fieldsByBareName(records.fields).get(bareName(key));
  return { key: key === declared?.trim() ? key : "", ...(field === undefined ? {} : { field }) };
}

/**
 * What groups are compared by: `7`, `007` and, as pandas writes whole numbers beside missing ones, `7.0` are one; so are
 * `P1` and `p1` where they name people. Undefined where there is none.
 */
const keyOf =
  (field: string) =>
  (cell: Cell): string | undefined => {
    const text = textOf(cell)?.normalize("NFKC").trim() ?? "";
    if (/^\d+(?:\.0+)?$/.test(text)) return text.replace(/\.0+$/, "").replace(/^0+(?=\d)/, "");
    if (text === "") return undefined;
    return personalKind(field) === undefined ? text : text.toLowerCase();
  };

/** The field with the fewest groups, which keeps most together; the first of several. */
function coarsest(records: Records, fields: readonly string[]): string | undefined {
  const groups = fields.map((field) => {
    const keys = records.fields.get(field)!.map(keyOf(field));
    return new Set(keys).size + keys.filter((key) => key === undefined).length;
  });
  const fewest = groups.reduce((least, count) => Math.min(least, count), Infinity);
  return fields[groups.indexOf(fewest)];
}

/** How many values of a field several splits have. */
function sharedValues(records: Records, field: string, splits: readonly string[]): number {
  const splitsOf = new Map<string, Set<string>>();
  for (const [row, key] of records.fields.get(field)!.map(keyOf(field)).entries()) {
    if (key === undefined) continue;
    splitsOf.set(key, (splitsOf.get(key) ?? new Set()).add(splits[row]!));
  }
  return [...splitsOf.values()].filter((found) => found.size > 1).length;
}

const listed = (names: readonly string[]): string =>
  names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");

/**
 * Chooses the field whose examples stay together: the one that is asked for, the one of the card, the identifier of persons
 * with the fewest values, a field called `group`, names of persons. What else names people, or was passed over, is said.
 *
 * @param people fields that say who somebody is
 * @param splits split of each record
 */
export function chooseGroup(
  records: Records,
  people: readonly string[],
  asked: string | undefined,
  card: DatasetCard,
  splits: readonly string[],
): GroupChoice {
  const [identifiers, names] = [ofKind(people, "identifier"), ofKind(people, "name")];
  const declared = declaredGroup(records, card);
  const bare = fieldsByBareName(records.fields);
  const habit = GROUP_NAMES.map((name) => bare.get(name)).find((name) => name !== undefined);
  const said = asked === undefined ? declared.field : fieldNamed(records, asked);
  const field = said ?? coarsest(records, identifiers) ?? habit ?? names[0];
  const cautions: string[] = [];
  if (field !== undefined && said === undefined && people.includes(field))
    cautions.push(`The column ${field} names people: it is the group that may not be in two splits.`);
  if (said === undefined && habit !== undefined && field !== habit)
    cautions.push(`The column ${habit} is not the group; the option groupColumn chooses another one.`);
  if (asked === undefined && declared.field === undefined && /_|id$/i.test(declared.key))
    cautions.push(`dataset.json groups by ${declared.key}, which is no column here.`);
  const others = people.filter((name) => name !== field);
  if (others.length > 0) cautions.push(`The columns ${listed(others)} name people and were left out.`);
  const leaking = identifiers
    .filter((name) => name !== field)
    .flatMap((other) => {
      const shared = sharedValues(records, other, splits);
      return shared === 0 ? [] : [`${shared} values of ${other}`];
    });
  for (const what of leaking.slice(0, 20))
    cautions.push(`${what}, which is not the group, are in several splits: may be leakage.`);
  if (leaking.length > 20) cautions.push(`The same holds for ${leaking.length - 20} more columns.`);
  return { field, cautions };
}

/** Groups of records, each under the spelling that occurs first; one without is a group of its own. */
export function groupsOf(
  records: Records,
  field: string,
  ids: readonly string[],
): { readonly groups: string[]; readonly without: number } {
  const spelling = new Map<string, string>();
  let without = 0;
  const cells = records.fields.get(field)!;
  const groups = cells.map(keyOf(field)).map((key, row) => {
    if (key === undefined) {
      without++;
      return `(none) ${ids[row]}`;
    }
    if (!spelling.has(key)) spelling.set(key, textOf(cells[row]!)!);
    return spelling.get(key)!;
  });
  return { groups, without };
}

/**
 * Refuses a use of a field that says who somebody is: it would learn or show persons.
 *
 * @param use what the field was to be, for the message: "an attribute", "the column site"
 * @throws VesaliusError `bad-argument`
 */
export function refusePersonal(field: string, use: string): void {
  if (personalKind(field) === undefined) return;
  throw new VesaliusError("bad-argument", `the column ${field} names people and cannot be ${use}`, {
    where: "options of the dataset",
    fix: (option) =>
      `keep the examples of a person together with ${option("groupColumn", field)}; rename the column if it names nobody`,
  });
}
