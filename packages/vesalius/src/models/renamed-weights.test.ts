import { expect, test } from "vitest";
import type { Tensor } from "../graph/index.ts";
import { renamedWeights, type WeightRule } from "./renamed-weights.ts";

const tensor = (shape: readonly number[], start = 0): Tensor => ({
  dtype: "float32",
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => start + i),
});
const rules: readonly WeightRule[] = [
  { stored: /^l\.(\d+)\.(?<part>q|k)$/, own: "own.$1", joined: ["q", "k"] },
  { stored: /^turn$/, own: "turned", turned: true },
  { stored: /^(?:x\.)?name$/, own: "plain" },
];
const named = (entries: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(renamedWeights(new Map(Object.entries(entries)), rules));

test("parts are joined in the order of the rule whatever their order in the file, matrices are turned", () => {
  expect(
    named({ "l.3.k": tensor([1, 2], 10), "l.3.q": tensor([2, 2]), turn: tensor([2, 3]), other: tensor([1]) }),
  ).toEqual({
    "own.3": { dtype: "float32", shape: [3, 2], data: Float32Array.from([0, 1, 2, 3, 10, 11]) },
    turned: { dtype: "float32", shape: [3, 2], data: Float32Array.from([0, 3, 1, 4, 2, 5]) },
    other: tensor([1]),
  });
});

test("nothing is lost: a part without the others, parts that do not fit, and two names for one weight keep their names", () => {
  const given = {
    "l.0.q": tensor([2, 2]),
    "l.1.q": tensor([2, 2]),
    "l.1.k": tensor([2, 3]),
    name: tensor([1]),
    "x.name": tensor([2]),
  };
  const { name, ...rest } = given;
  expect(named(given)).toEqual({ ...rest, plain: name });
});
