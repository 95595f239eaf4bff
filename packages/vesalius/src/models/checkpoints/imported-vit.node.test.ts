import { beforeAll, expect, test } from "vitest";
import { randomStream } from "../../common/random.ts";
import {
  elementCount,
  fromOnnx,
  gradients,
  Graph,
  initializeParameters,
  multiply,
  reduceMean,
  square,
  type Tensor,
  type Tensors,
  toOnnx,
} from "../../graph/index.ts";
import { nodeCpu, type Session } from "../../runtime/index.node.ts";
import { vitConfigSchema, vitFeatures } from "../vision/vit.ts";

const config = vitConfigSchema.parse({
  imageSize: 8,
  patchSize: 4,
  channels: 1,
  width: 16,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
});
const images: Tensor = { dtype: "float32", shape: [2, 1, 8, 8], data: new Float32Array(2 * 64) };

/**
 * Adds a loss and its gradients by all parameters. The mean square alone would not do: the last layer normalization makes
 * it one, so that its gradients are rounding errors.
 */
function withGradients(graph: Graph): Graph {
  const tokens = graph.result("tokens");
  const loss = reduceMean(multiply(tokens, square(tokens)), undefined, { keepDimensions: false });
  graph.output("loss", loss);
  for (const [value, gradient] of gradients(loss, [...graph.parameters.values()]))
    graph.output(`gradient of ${value.name}`, gradient);
  return graph;
}

async function run(graph: Graph, weights: Tensors): Promise<Tensors> {
  const session: Session = await (await nodeCpu()).load(toOnnx(graph, { weights }), { threads: 1 });
  try {
    return await session.run(new Map([["images", images]]));
  } finally {
    await session.release();
  }
}

beforeAll(() => {
  const stream = randomStream(0, "images");
  for (let i = 0; i < elementCount(images.shape); i++) (images.data as Float32Array)[i] = stream.uniform();
});

test("a vision transformer that went through a file trains as it did before", async () => {
  const graph = new Graph("vit");
  const { tokens } = vitFeatures(graph.input("images", "float32", images.shape), config);
  graph.output("tokens", tokens);
  const weights = initializeParameters(graph, 0);
  const imported = await fromOnnx(toOnnx(graph, { weights }));
  expect(imported.opaque).toEqual([]);
  expect([...imported.weights.keys()].sort()).toEqual([...weights.keys()].sort());
  const before = await run(withGradients(graph), weights);
  const after = await run(withGradients(imported.graph), imported.weights);
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  for (const [name, tensor] of before) {
    const [a, b] = [after.get(name)!.data as Float32Array, tensor.data as Float32Array];
    const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const worst = b.reduce((largest, value, i) => Math.max(largest, Math.abs(value - a[i]!)), 0);
    if (name.startsWith("gradient")) expect(scale, name).toBeGreaterThan(1e-4);
    expect(worst, name).toBeLessThanOrEqual(1e-4 * scale);
  }
});
