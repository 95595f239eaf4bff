import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readers } from "./fuzz/readers.mjs";
import { keepResult, tableOfReaders } from "./fuzz/result.mjs";
import { fuzzReader, startProcesses } from "./fuzz/run.mjs";

// The built library is read, so that its processes start without the loader of sources.
delete process.env["NODE_OPTIONS"];
const processes = startProcesses(1);
afterAll(() => processes.forEach((one) => one.close()));

test.each(Object.keys(readers))(
  "%s refuses damaged inputs by name, and gives no number that is none",
  async (reader) => {
    const faults: unknown[] = [];
    const count = process.env["VESALIUS_THOROUGH"] === "1" ? 500 : 20;
    // Of every network there is a seed, and each takes a while; half of them is enough.
    const first = reader === "config" ? 16 : 0;
    const found = await fuzzReader({ reader, seed: 20, first, count, processes }, (fault) => faults.push(fault));
    expect(faults).toEqual([]);
    expect(found.tried).toBe(count);
    // Seeds are read; were nothing refused, nothing would have been changed.
    expect(found.read).toBeGreaterThan(0);
    expect(found.refused).toBeGreaterThan(0);
  },
);

test("keeps what was found reader by reader", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vesalius-fuzz-"));
  const file = join(folder, "fuzz.json");
  const found = { seed: 1, first: 0, date: "2026-01-02", read: 300, refused: 3697 };
  keepResult(file, { ...found, reader: "npz", tried: 10, kinds: new Map([["limit", 1]]) });
  keepResult(file, { ...found, reader: "card", tried: 10, kinds: new Map() });
  const kinds = new Map([["limit", 2], ["untyped", 1]]); // prettier-ignore
  keepResult(file, { ...found, reader: "npz", tried: 4000, kinds });
  const kept = JSON.parse(await readFile(file, "utf8")) as { readers: Record<string, object> };
  await rm(folder, { recursive: true });
  expect(Object.keys(kept.readers)).toEqual(["card", "npz"]);
  expect(tableOfReaders(kept as never).at(-1)).toBe("| npz | 4,000 | 1 | 300 | 3697 | 2 | 0 | 1 | 0 | 2026-01-02 |");
});
