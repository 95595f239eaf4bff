import { expect, test } from "vitest";
import { Graph } from "../graph/index.ts";
import { llama, llamaConfigSchema } from "../models/index.ts";
import { adaptationMemory, requireMemory } from "./required-memory.ts";

test("counts what training holds, and the model that is given back", () => {
  const graph = new Graph();
  graph.parameter("base", [1000, 1000], { kind: "zeros" });
  graph.parameter("factor", [10, 1000], { kind: "zeros" });
  const isFactor = ({ name }: { readonly name: string }): boolean => name === "factor";
  expect(adaptationMemory(graph, () => true, "float32", false)).toBe(16 * 1_010_000);
  expect(adaptationMemory(graph, isFactor, "nf4", true)).toBe(8 * 1_010_000);
  expect(adaptationMemory(graph, isFactor, { format: "int4" }, false)).toBe(4 * 1_010_000);
});

test("a network that does not fit is refused with both sizes", () => {
  const graph = new Graph();
  graph.output("logits", llama({ tokens: graph.input("tokens", "int32", [1, 4]) }, llamaConfigSchema.parse({})).logits);
  const needed = adaptationMemory(graph, () => false, "nf4", true);
  expect(() => requireMemory(needed, 24 * 2 ** 30, "llama")).toThrow(
    expect.objectContaining({
      code: "bad-configuration",
      message: expect.stringMatching(/llama takes 50\.2 GiB.*the machine has 24\.0 GiB/) as string,
    }),
  );
  requireMemory(needed, 64 * 2 ** 30, "llama");
  requireMemory(needed, undefined, "llama");
});
