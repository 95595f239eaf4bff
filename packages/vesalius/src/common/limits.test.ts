import { expect, test } from "vitest";
import { z } from "zod";
import { catalogue, entry } from "./catalogue.ts";
import { bounded } from "./limits.ts";

const settings = z
  .strictObject({
    depth: z.int().positive().default(2),
    width: z.int().positive().optional(),
    heads: z.int().max(8).default(4),
    widths: z.array(z.int().positive()).min(1).default([4]),
    window: z.union([z.int(), z.array(z.int()).max(3)]).optional(),
    seed: z.int().default(0),
    rate: z.number().default(0.1),
    inner: z.strictObject({ layers: z.int() }).optional(),
    means: z.array(z.number()).optional(),
    genes: z.array(z.int()).optional(),
  })
  .refine(({ depth, heads }) => depth !== heads, "depth and heads are equal");

test("numbers get limits by what they are about, and all else stays", () => {
  const limited = bounded(settings);
  expect(limited.parse({})).toEqual({ depth: 2, heads: 4, widths: [4], seed: 0, rate: 0.1 });
  expect(() => limited.parse({ depth: 4 })).toThrow("depth and heads are equal");
  expect(() => limited.parse({ other: 1 })).toThrow("other");
  for (const [key, value] of Object.entries({
    depth: 513,
    width: 1e9,
    heads: 9,
    widths: [1e9],
    window: 1e6,
    inner: { layers: 1e9 },
  }))
    expect(limited.safeParse({ [key]: value }).error?.issues[0]?.path[0], key).toBe(key);
  expect(limited.safeParse({ widths: Array(1001).fill(1) }).success).toBe(false);
  expect(limited.parse({ seed: 2 ** 40, rate: 1e300, depth: 512 })).toMatchObject({ seed: 2 ** 40, rate: 1e300 });
});

test("what is as long as the data are wide is not cut", () => {
  const wide = { means: Array<number>(30_000).fill(0.5), genes: Array<number>(30_000).fill(7) };
  expect(bounded(settings).parse(wide)).toMatchObject(wide);
});

test("a catalogue draws them for its entries", () => {
  const made = entry({ name: "net", summary: "A net.", settings, create: ({ depth }) => depth });
  const nets = catalogue("net", [made]);
  expect(nets.create({ name: "net", depth: 3 })).toBe(3);
  expect(() => nets.create({ name: "net", depth: 1e9 })).toThrow(/net net: depth: .*512/);
  expect(nets.schema.safeParse({ name: "net", depth: 1e9 }).success).toBe(false);
});
