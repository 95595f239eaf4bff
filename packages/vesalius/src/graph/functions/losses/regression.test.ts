import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Graph } from "../../graph.ts";
import { gradients } from "../../autodiff.ts";
import { runGraph } from "../../../testing/reference.node.ts";
import { gaussianNegativeLogLikelihood } from "./regression.ts";

const count = 4;

function build() {
  const graph = new Graph("likelihood");
  const [mean, logVariance, target] = ["mean", "logVariance", "target"].map((name) =>
    graph.input(name, "float32", [count]),
  ) as [never, never, never];
  const loss = gaussianNegativeLogLikelihood(mean, logVariance, target);
  graph.output("loss", loss);
  const found = gradients(loss, [mean, logVariance]);
  graph.output("byMean", found.get(mean)!);
  graph.output("byLogVariance", found.get(logVariance)!);
  return graph;
}

const numbers = (min: number, max: number) =>
  fc.array(fc.double({ min, max, noNaN: true }).map(Math.fround), { minLength: count, maxLength: count });

test("likelihood of a normal distribution, and its gradients", async () => {
  const graph = build();
  await fc.assert(
    fc.asyncProperty(numbers(-2, 2), numbers(-2, 2), numbers(-2, 2), async (mean, logVariance, target) => {
      const feeds = Object.entries({ mean, logVariance, target }).map(
        ([name, values]) =>
          [name, { dtype: "float32" as const, shape: [count], data: Float32Array.from(values) }] as const,
      );
      const outputs = await runGraph(graph, new Map(feeds));
      const read = (name: string): Float32Array => outputs.get(name)!.data as Float32Array;
      const losses = mean.map((mu, i) => (logVariance[i]! + (mu - target[i]!) ** 2 / Math.exp(logVariance[i]!)) / 2);
      expect(read("loss")[0]).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / count, 4);
      mean.forEach((mu, i) => {
        const error = mu - target[i]!;
        const precision = Math.exp(-logVariance[i]!);
        expect(read("byMean")[i]).toBeCloseTo((error * precision) / count, 4);
        expect(read("byLogVariance")[i]).toBeCloseTo((1 - error ** 2 * precision) / 2 / count, 4);
      });
    }),
    { numRuns: 15 },
  );
});

test("a variance that vanishes stays at the least, so that the loss is finite", async () => {
  const values = (value: number) => ({
    dtype: "float32" as const,
    shape: [count],
    data: new Float32Array(count).fill(value),
  });
  const outputs = await runGraph(
    build(),
    new Map([
      ["mean", values(1)],
      ["logVariance", values(-200)],
      ["target", values(1)],
    ]),
  );
  expect((outputs.get("loss")!.data as Float32Array)[0]).toBeCloseTo(Math.log(1e-6) / 2, 4);
});
