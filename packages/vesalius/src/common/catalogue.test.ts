import { expect, test } from "vitest";
import { z } from "zod";
import { catalogue, entry } from "./catalogue.ts";
import { VesaliusError } from "./errors.ts";

const circle = entry({
  name: "circle",
  summary: "A circle.",
  settings: z.strictObject({ radius: z.number().positive().default(1) }),
  create: ({ radius }) => Math.PI * radius ** 2,
});
const square = entry({
  name: "square",
  summary: "A square.",
  settings: z.strictObject({ side: z.number().positive() }),
  create: ({ side }) => side ** 2,
});
const shapes = catalogue("shape", [circle, square], { label: z.string().optional() });

test("creates by name, with defaults and without shared keys", () => {
  expect(shapes.create({ name: "circle" })).toBeCloseTo(Math.PI);
  expect(shapes.create({ name: "square", side: 3, label: "mine" })).toBe(9);
  expect(shapes.names).toEqual(["circle", "square"]);
  expect(shapes.schema.parse({ name: "circle", label: "mine" })).toEqual({ name: "circle", radius: 1, label: "mine" });
});

test("keeps the refinements of an entry's settings", () => {
  const range = entry({
    name: "range",
    summary: "A range.",
    settings: z
      .strictObject({ low: z.number(), high: z.number() })
      .refine(({ low, high }) => low <= high, "low exceeds high"),
    create: ({ low, high }) => high - low,
  });
  const ranges = catalogue("range", [range]);
  expect(() => ranges.create({ name: "range", low: 2, high: 1 })).toThrow(/low exceeds high/);
  expect(ranges.schema.safeParse({ name: "range", low: 2, high: 1 }).success).toBe(false);
});

test("refuses unknown names and settings with what would fit", () => {
  expect(() => shapes.create({ name: "cube" })).toThrow(/no shape called cube.*choose one of circle, square/);
  expect(() => shapes.create({ name: "square", side: 1, radius: 2 })).toThrow(VesaliusError);
  expect(() => shapes.parse({ name: "square", side: -1 })).toThrow(/shape square: side/);
  expect(shapes.schema.safeParse({ name: "square" }).success).toBe(false);
});

test("takes the entries of a program that uses the library, each name once", () => {
  const triangle = entry({
    name: "triangle",
    summary: "A triangle.",
    settings: z.strictObject({ base: z.number(), height: z.number() }),
    create: ({ base, height }) => (base * height) / 2,
  });
  const more = shapes.with(triangle);
  expect(more.create({ name: "triangle", base: 2, height: 3 })).toBe(3);
  expect(more.schema.safeParse({ name: "triangle", base: 2, height: 3, label: "t" }).success).toBe(true);
  expect(() => shapes.create({ name: "triangle" })).toThrow(/no shape/);
  expect(() => more.with(triangle)).toThrow(/two entries are called triangle/);
});
