import { expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import { float32, gradients, Graph, multiply, reduceSum, type Tensor, type Tensors } from "../../graph/index.ts";
import { expectClose, runGraph } from "../../testing/reference.node.ts";
import { domainBatchNorm } from "./domain-batch-norm.ts";
import { scgptFromArguments } from "./scgpt-arguments.ts";

const [batch, length, width] = [4, 3, 2] as const;
const options = { domains: 3, epsilon: 6.1e-5, affine: true };
const stream = randomStream(1, "domains");
const noise = (...shape: number[]): Tensor =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * stream.normal() + 1),
  );
const x = noise(batch, length, width);
const mixture = noise(batch, length, width);
const weights: Tensors = new Map(
  [0, 1, 2].flatMap((domain) =>
    ["weight", "bias", "running_mean", "running_var"].map((part) => {
      const tensor = noise(width);
      const data = (tensor.data as Float32Array).map((value) => (part === "running_var" ? value ** 2 + 0.5 : value));
      return [`dsbn.bns.${domain}.${part}`, float32([width], data)] as const;
    }),
  ),
);
const value = (name: string, i: number): number => Number(weights.get(name)!.data[i]);

/** Mean and biased variance of a channel over the cells of a domain, calculated number by number. */
function statistics(labels: readonly number[], domain: number, channel: number) {
  const own = labels.flatMap((label, cell) =>
    label === domain
      ? Array.from({ length }, (_, place) => Number(x.data[(cell * length + place) * width + channel]))
      : [],
  );
  const mean = own.reduce((sum, one) => sum + one, 0) / own.length;
  return { count: own.length, mean, variance: own.reduce((sum, one) => sum + (one - mean) ** 2, 0) / own.length };
}

async function run(labels: readonly number[], training: boolean, given = x) {
  const graph = new Graph("domains");
  const input = graph.input("x", "float32", x.shape);
  const y = domainBatchNorm(input, graph.input("labels", "int32", [batch]), "dsbn", { ...options, training });
  graph.output("y", y);
  const loss = reduceSum(multiply(y, graph.constant(mixture)), undefined, { keepDimensions: false });
  graph.output("loss", loss);
  graph.output("gradient", gradients(loss, [input]).get(input)!);
  const feeds = { dtype: "int32" as const, shape: [batch], data: Int32Array.from(labels) };
  return runGraph(graph, new Map<string, Tensor>([...weights, ["x", given], ["labels", feeds]]));
}

test.each([[[1, 1, 1, 1]], [[0, 2, 2, 0]]])(
  "each cell of %j is normalised by the statistics of its domain",
  async (labels) => {
    for (const training of [true, false]) {
      const results = await run(labels, training);
      const wanted = Float32Array.from(x.data as Float32Array, (one, i) => {
        const [cell, channel] = [Math.floor(i / (length * width)), i % width];
        const name = `dsbn.bns.${labels[cell]!}`;
        const { mean, variance } = training
          ? statistics(labels, labels[cell]!, channel)
          : { mean: value(`${name}.running_mean`, channel), variance: value(`${name}.running_var`, channel) };
        const normed = (one - mean) / Math.sqrt(variance + options.epsilon);
        return normed * value(`${name}.weight`, channel) + value(`${name}.bias`, channel);
      });
      expectClose(results.get("y")!, float32(x.shape, wanted), 1e-4, 1e-5, `training ${training}`);
      if (!training) continue;
      for (const domain of [0, 1, 2])
        for (const channel of [0, 1]) {
          const name = `dsbn.bns.${domain}`;
          const { count, mean, variance } = statistics(labels, domain, channel);
          const moved = (part: string, now: number): number =>
            count === 0 ? value(`${name}.${part}`, channel) : 0.9 * value(`${name}.${part}`, channel) + 0.1 * now;
          const next = (part: string): number => Number(results.get(`${name}.${part}.next`)!.data[channel]);
          expect(next("running_mean")).toBeCloseTo(moved("running_mean", mean), 5);
          expect(next("running_var")).toBeCloseTo(moved("running_var", (variance * count) / (count - 1)), 5);
        }
    }
  },
);

test("gradients are those of finite differences, through the statistics of each domain", async () => {
  const labels = [0, 2, 2, 0];
  const gradient = (await run(labels, true)).get("gradient")!;
  const step = 0.01;
  for (const i of [0, 7, 13, 22]) {
    const losses = await Promise.all(
      [step, -step].map(async (change) => {
        const data = Float32Array.from(x.data as Float32Array);
        data[i]! += change;
        return Number((await run(labels, true, float32(x.shape, data))).get("loss")!.data[0]);
      }),
    );
    expect(Number(gradient.data[i])).toBeCloseTo((losses[0]! - losses[1]!) / (2 * step), 2);
  }
});

test("scGPT's words for normalizations of batches are read, and a number of batches is asked for", () => {
  const sizes = { ntoken: 30, d_model: 8, nhead: 2, d_hid: 12, nlayers: 1, num_batch_labels: 3 };
  const read = (norm: unknown) => scgptFromArguments({ ...sizes, domain_spec_batchnorm: norm });
  expect(read(true)).toMatchObject({ batchNorm: "eachBatch", domains: 3 });
  expect(read("dsbn")).toEqual(read(true));
  expect(read("do_affine")).toMatchObject({ batchNorm: "eachBatchAffine", domains: 3 });
  expect(read("batchnorm")).toMatchObject({ batchNorm: "shared", domains: 1 });
  expect(read(false)).toMatchObject({ batchNorm: "none" });
  expect(() => read("layernorm")).toThrow(/domain_spec_batchnorm/);
  expect(() => scgptFromArguments({ ...sizes, num_batch_labels: null, domain_spec_batchnorm: true })).toThrow(
    /domains/,
  );
});
