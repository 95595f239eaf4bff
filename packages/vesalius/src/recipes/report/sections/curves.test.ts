import { expect, it } from "vitest";
import { curveSections } from "./curves.ts";

it("draws the loss and what was recorded beside it, named in words, and nothing that was never finite", () => {
  const line = (step: number) => ({ step, loss: 1 / step, learningRate: 1, gradientNorm: 1 });
  const history = [
    { ...line(1), terms: { positiveCosine: 0.5, broken: Number.NaN } },
    { ...line(2), terms: { positiveCosine: 0.7, broken: Number.NaN } },
  ];
  const sections = curveSections("adaptation", [{ name: "scratch", history }]);
  expect(sections).toEqual([
    expect.objectContaining({ title: "Loss of adaptation", series: [{ name: "scratch", x: [1, 2], y: [1, 0.5] }] }),
    expect.objectContaining({ title: "Positive cosine in adaptation", yLabel: "Positive cosine" }),
  ]);
});
