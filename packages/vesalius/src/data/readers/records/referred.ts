import { VesaliusError } from "../../../common/errors.ts";
import type { Cell, Records } from "./records.ts";

/** Keys of the objects that all cells of a field list: `{ trial, section }`; undefined where it lists something else. */
function keysOf(cells: readonly Cell[]): string[] | undefined {
  const objects = cells.flatMap((cell) =>
    Array.isArray(cell) ? (cell as unknown[]) : cell === null ? [] : [undefined],
  );
  const [first] = objects;
  if (first === null || typeof first !== "object" || Array.isArray(first)) return undefined;
  const keys = Object.keys(first);
  const alike = objects.every(
    (one) =>
      one !== null &&
      typeof one === "object" &&
      !Array.isArray(one) &&
      Object.keys(one).length === keys.length &&
      keys.every((key) => key in one),
  );
  return alike && keys.length > 0 ? keys : undefined;
}

const keyOf = (values: readonly unknown[]): string => JSON.stringify(values);

/**
 * Puts what records refer to in its place: where a field lists objects whose keys are fields of other records
 * (`{ trial, section }`), each is replaced by what these say there (the lines of the section).
 *
 * @param others what can be referred to
 * @returns undefined where no field refers to them
 * @throws VesaliusError `bad-data` for a reference to nothing, with its row, or where two of the others have one key
 */
export function withReferred(records: Records, others: Records): Records | undefined {
  for (const [field, cells] of records.fields) {
    const keys = keysOf(cells);
    if (keys === undefined || !keys.every((key) => others.fields.has(key))) continue;
    const rest = [...others.fields.keys()].filter((name) => !keys.includes(name));
    if (rest.length !== 1) continue;
    const values = others.fields.get(rest[0]!)!;
    const index = new Map<string, Cell>();
    for (let row = 0; row < others.length; row++) {
      const key = keyOf(keys.map((name) => others.fields.get(name)![row]));
      if (index.has(key))
        throw new VesaliusError("bad-data", `two records have the same ${keys.join(" and ")}`, {
          where: others.whereOf(row),
        });
      index.set(key, values[row]!);
    }
    const replaced = cells.map((cell, row) =>
      (cell as readonly Record<string, unknown>[] | null)?.map((one) => {
        const key = keyOf(keys.map((name) => one[name]));
        const found = index.get(key);
        if (found === undefined || found === null)
          throw new VesaliusError("bad-data", `the record refers to a ${keys.join(" and ")} that is not there`, {
            where: `${records.whereOf(row)}, column ${field}`,
          });
        return found;
      }),
    );
    return { ...records, fields: new Map([...records.fields, [field, replaced.map((cell) => cell ?? null)]]) };
  }
  return undefined;
}
