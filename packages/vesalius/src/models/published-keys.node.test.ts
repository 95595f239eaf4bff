import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VesaliusError } from "../common/errors.ts";
import { type KeyTable, keyTableSchema, publishedReaders } from "./published-keys.test.helper.ts";

type Json = Readonly<Record<string, unknown>>;
type Row = KeyTable[string];

const table: KeyTable = Object.assign(
  {},
  ...["language", "vision", "bioinformatics", "multimodal"].map((name) =>
    keyTableSchema.parse(
      JSON.parse(readFileSync(new URL(`published-keys/${name}.json`, import.meta.url), "utf8")) as unknown,
    ),
  ),
) as KeyTable;

/** Rows that only others inherit. */
const families = new Set(Object.values(table).flatMap((row) => row.extends ?? []));

/** A key with the value that the original has by itself, another one, and why it changes nothing, if it does not. */
interface Key {
  readonly path: string;
  readonly usual: unknown;
  readonly other: unknown;
  readonly reason: string | undefined;
}

function keysOf(row: Row): ReadonlyMap<string, Key> {
  const all = new Map(row.extends === undefined ? [] : keysOf(table[row.extends]!));
  const add = (name: string, [usual, other]: readonly [unknown, unknown], reason?: string): void => {
    all.set(name, { path: row.within === undefined ? name : `${row.within}.${name}`, usual, other, reason });
  };
  for (const [name, values] of Object.entries(row.keys)) add(name, values);
  for (const [reason, keys] of Object.entries(row.unchanging))
    for (const [name, values] of Object.entries(keys)) add(name, values, reason);
  return all;
}

function changed(json: Json, path: string, value: unknown): Json {
  const [first, ...rest] = path.split(".") as [string, ...string[]];
  if (rest.length === 0) return { ...json, [first]: value };
  return { ...json, [first]: changed((json[first] ?? {}) as Json, rest.join("."), value) };
}

function holds(json: Json, path: string): boolean {
  const [first, ...rest] = path.split(".") as [string, ...string[]];
  if (!Object.hasOwn(json, first)) return false;
  return rest.length === 0 || holds(json[first] as Json, rest.join("."));
}

/** Built graphs by their settings: equal settings give equal graphs. */
const graphs = new Map<string, string>();

/** What is built, or what the refusal says. */
function outcome(name: string, json: Json): { readonly built?: string; readonly refused?: string } {
  const { read, build } = publishedReaders[name]!;
  try {
    const settings = read(json);
    const key = `${name} ${JSON.stringify(settings)}`;
    const built = graphs.get(key) ?? build(settings as never).join("\n");
    graphs.set(key, built);
    return { built };
  } catch (error) {
    if (error instanceof VesaliusError) return { refused: error.message };
    throw error;
  }
}

test("every reader has its list of keys, and every list its reader", () => {
  expect(
    Object.keys(table)
      .filter((name) => !families.has(name))
      .sort(),
  ).toEqual(Object.keys(publishedReaders).sort());
});

describe.each(Object.keys(publishedReaders))("%s", (name) => {
  const row = table[name]!;
  const small = row.small!;
  const keys = [...keysOf(row)];
  const { built } = outcome(name, small);

  test("the small configuration is built", () => {
    expect(outcome(name, small)).toEqual({ built: expect.any(String) as string });
  });

  test("what a key says by default is what is built without it", () => {
    const wrong = keys.filter(([, { path, usual }]) => {
      if (usual === null || holds(small, path)) return false;
      return outcome(name, changed(small, path, usual)).built !== built;
    });
    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  test("every other value of a key changes what is built, or is refused by name, or has a reason to do neither", () => {
    const wrong = keys.flatMap(([key, { path, other, reason }]) => {
      const found = outcome(name, changed(small, path, other));
      if (reason !== undefined) return found.built === built ? [] : [`${key} changes something: ${found.refused}`];
      if (found.refused !== undefined)
        return found.refused.includes(key.split(".").at(-1)!) ? [] : [`${key} is refused with: ${found.refused}`];
      return found.built === built ? [`${key} changes nothing`] : [];
    });
    expect(wrong).toEqual([]);
  });

  test("a key that is in no list is refused by name", () => {
    const path = [...(row.within === undefined ? [] : [row.within]), "newly_invented_option"].join(".");
    expect(outcome(name, changed(small, path, "on")).refused).toMatch(/newly_invented_option/);
  });
});
