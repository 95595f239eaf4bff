import { describe, expect, test } from "vitest";
import { expressionsColumn } from "../columns/expressions.ts";
import { encodeAll, fitted, numbersOf } from "../encoders/encoding.test.helper.ts";

const count = 200;
const genes = Array.from({ length: 10 }, (_, gene) => `G${gene}`);
const cells = expressionsColumn(
  genes,
  Array.from({ length: count + 1 }, (_, row) => 10 * row),
  Int32Array.from({ length: 10 * count }, (_, i) => i % 10),
  Float32Array.from({ length: 10 * count }, (_, i) => 1 + (i % 10)),
);

const drawn = async (settings: object, maximumGenes = 4) => {
  const encoder = await fitted({ name: "genes", values: "raw", maximumGenes }, cells);
  const part = { columns: ["cells"], encoder, transforms: [{ name: "sampleGenes", ...settings }] };
  const batch = await encodeAll(part, { cells }, { extents: { it: [maximumGenes] } });
  const mask = numbersOf(batch, "it.mask");
  const values = numbersOf(batch, "it.values");
  const times = genes.map(() => 0);
  numbersOf(batch, "it.genes").forEach((gene, at) => {
    if (mask[at] === 1) times[gene]!++;
    if (mask[at] === 1) expect(values[at]).toBe(gene + 1);
  });
  return times;
};

describe("sampled genes", () => {
  test("are any of a cell's, each as often", async () => {
    // Four of ten genes in 200 cells: 80 each, with a deviation of 7.
    for (const times of await drawn({})) expect(Math.abs(times - 80)).toBeLessThan(35);
  });

  test("are mostly the highest where noise is added to the values", async () => {
    const times = await drawn({ noise: 1 });
    expect(times.reduce((a, b) => a + b)).toBe(4 * count);
    expect(times[9]).toBeGreaterThan(190);
    expect(times[6]).toBeGreaterThan(times[5]!);
    expect(times[5]).toBeGreaterThan(0);
    expect(times[0]).toBe(0);
  });

  test("are a share of them, and all where all fit", async () => {
    expect((await drawn({ share: 0.5 }, 10)).reduce((a, b) => a + b)).toBe(5 * count);
    expect(await drawn({}, 10)).toEqual(genes.map(() => count));
  });
});
