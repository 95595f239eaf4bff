import { afterAll, expect, test } from "vitest";
import { readers } from "./fuzz/readers.mjs";
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
