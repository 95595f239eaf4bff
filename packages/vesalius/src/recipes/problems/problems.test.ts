import { describe, expect, it } from "vitest";
import { z } from "zod";
import { allowedKeys } from "./allowed-keys.ts";
import { describeProblems, formatPath } from "./problems.ts";

const schema = z.strictObject({
  shape: z.discriminatedUnion("name", [
    z.strictObject({ name: z.literal("circle"), radius: z.number() }),
    z.strictObject({ name: z.literal("square"), side: z.number() }),
  ]),
  sources: z
    .array(z.union([z.string(), z.strictObject({ file: z.string(), encoding: z.string().optional() })]))
    .optional(),
  inner: z
    .strictObject({ depth: z.int().max(1000).default(2), rates: z.array(z.number().positive()).min(1).optional() })
    .prefault({}),
  network: z
    .union([
      z.strictObject({ weights: z.string() }),
      z.discriminatedUnion("name", [
        z.strictObject({ name: z.literal("deep"), depth: z.int(), width: z.int().optional() }),
        z.strictObject({ name: z.literal("flat"), width: z.int().optional() }),
      ]),
    ])
    .optional(),
});

function problems(value: unknown): string[] {
  const parsed = schema.safeParse(value);
  return describeProblems(schema, value, parsed.error!).map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

describe("describeProblems", () => {
  it.each<[string, unknown, string[]]>([
    [
      "a misspelt key of the chosen form",
      { shape: { name: "circle", radius: 1, rdius: 2 } },
      ["shape.rdius: unknown key; did you mean radius?"],
    ],
    [
      "a key of another form",
      { shape: { name: "circle", radius: 1, side: 2 } },
      ["shape.side: unknown key; the keys here are name, radius"],
    ],
    ["an unknown name", { shape: { name: "sqare" } }, ['shape.name: "sqare" is not known; did you mean square?']],
    ["a missing name", { shape: {} }, ["shape.name: missing; write one of circle, square"]],
    ["a missing value", { shape: { name: "square" } }, ["shape.side: missing; a value of type number is needed"]],
    [
      "the form of a union that is closest",
      { shape: { name: "square", side: 1 }, sources: ["a", { fil: "b" }] },
      ["sources[1].file: missing; a value of type string is needed", "sources[1].fil: unknown key; did you mean file?"],
    ],
    [
      "a value that fits no form",
      { shape: { name: "square", side: 1 }, sources: [3] },
      ["sources[0]: expected string or object"],
    ],
    [
      "a form that lacks its name, though another form lacks less",
      { shape: { name: "square", side: 1 }, network: { depth: 1, width: 2 } },
      ["network.name: missing; write one of deep, flat"],
    ],
    [
      "a key that another form knows",
      { shape: { name: "square", side: 1 }, network: { weights: "a", width: 2 } },
      ["network.width: this key does not go with the others here"],
    ],
    [
      "values out of range",
      { shape: { name: "square", side: 1 }, inner: { depth: 1e9, rates: [0] } },
      ["inner.depth: has to be at most 1000", "inner.rates[0]: has to be above 0"],
    ],
    [
      "too few entries",
      { shape: { name: "square", side: 1 }, inner: { rates: [] } },
      ["inner.rates: needs at least 1 entry"],
    ],
    ["a value out of type", { shape: { name: "square", side: "x" } }, ["shape.side: expected number, received string"]],
    [
      "a key below a default",
      { shape: { name: "square", side: 1 }, inner: { dept: 1 } },
      ["inner.dept: unknown key; did you mean depth?"],
    ],
  ])("says of %s what is wrong", (_, value, expected) => {
    expect(problems(value)).toEqual(expected);
  });
});

describe("allowedKeys", () => {
  it("follows the value through arrays and unions", () => {
    expect(allowedKeys(schema, {}, [])).toEqual(["shape", "sources", "inner", "network"]);
    expect(allowedKeys(schema, { shape: { name: "square" } }, ["shape"])).toEqual(["name", "side"]);
    expect(allowedKeys(schema, { sources: [{}] }, ["sources", 0])).toEqual(["file", "encoding"]);
    expect(allowedKeys(schema, {}, ["nowhere", "else"])).toEqual([]);
  });
});
