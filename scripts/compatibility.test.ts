import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { registry } from "../packages/vesalius/src/graph/registry.ts";
import {
  compatibilityPage,
  compatibilitySchema,
} from "../packages/vesalius/src/runtime/suite/compatibility.test.helper.ts";

const read = (name: string) => readFile(new URL(`../docs/${name}`, import.meta.url), "utf8");

test("the table of compatibility holds every operator of the registry, and its page is up to date", async () => {
  const table = compatibilitySchema.parse(JSON.parse(await read("compatibility.json")));
  expect(Object.keys(table.operators).sort()).toEqual([...registry.keys()].sort());
  expect(await read("compatibility.md")).toBe(compatibilityPage(table));
  for (const [name, row] of Object.entries(table.operators)) {
    const definition = registry.get(name)!;
    expect(row["node-cpu"].gradient !== undefined, name).toBe(typeof definition.gradient === "function");
    expect(row["node-cpu"].forward.status, name).toBe("pass");
  }
});
