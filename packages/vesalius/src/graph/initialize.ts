import { VesaliusError } from "../common/errors.ts";
import { randomStream } from "../common/random.ts";
import type { Graph } from "./graph.ts";
import { allocate, cloneTensor, elementCount, type Tensor, type Tensors } from "../common/tensor.ts";
import type { Value } from "./value.ts";

/** Most weights that are drawn: 16 GiB of them, before gradients and moments. */
const mostElements = 2 ** 32;

/** Fan-in and fan-out in PyTorch's reading of a weight `[out, in, ...kernel]`. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const receptive = elementCount(shape.slice(2));
  return { fanIn: (shape[1] ?? shape[0] ?? 1) * receptive, fanOut: (shape[0] ?? 1) * receptive };
}

function draw(parameter: Value, seed: number): Tensor {
  const { name, dtype, shape, initializer } = parameter;
  if (initializer === undefined)
    throw new VesaliusError("bad-argument", "the parameter has no initializer", { where: name });
  if (initializer.kind === "values") return cloneTensor(initializer.tensor);
  const data = allocate(dtype, elementCount(shape));
  if (initializer.kind === "zeros") return { dtype, shape, data };
  if (!(data instanceof Float32Array))
    throw new VesaliusError("bad-argument", `only float32 parameters are drawn at random, not ${dtype}`, {
      where: name,
    });
  const stream = randomStream(seed, "parameter", name);
  const uniform = (bound: number): void => {
    for (let i = 0; i < data.length; i++) data[i] = (2 * stream.uniform() - 1) * bound;
  };
  const { fanIn, fanOut } = fans(shape);
  switch (initializer.kind) {
    case "ones":
      data.fill(1);
      break;
    case "constant":
      data.fill(initializer.value);
      break;
    case "normal":
      for (let i = 0; i < data.length; i++) data[i] = stream.normal() * initializer.standardDeviation;
      break;
    case "truncatedNormal":
      for (let i = 0; i < data.length; i++) {
        let z = stream.normal();
        while (Math.abs(z) > 2) z = stream.normal();
        data[i] = z * initializer.standardDeviation;
      }
      break;
    case "uniform":
      uniform(initializer.bound);
      break;
    case "xavierUniform":
      uniform(Math.sqrt(6 / ((initializer.fanIn ?? fanIn) + (initializer.fanOut ?? fanOut))));
      break;
    case "kaimingUniform":
      uniform(1 / Math.sqrt(initializer.fanIn ?? fanIn));
      break;
  }
  return { dtype, shape, data };
}

/**
 * Draws the starting weights of a graph. Each parameter has a random stream of its own, named by the seed and the
 * parameter, so adding a layer does not change how the others start.
 *
 * @param wanted which parameters are drawn, all by default; the others have no entry
 * @throws VesaliusError `bad-configuration` for more weights than any machine trains
 */
export function initializeParameters(graph: Graph, seed: number, wanted = (_name: string): boolean => true): Tensors {
  const parameters = [...graph.parameters.values()].filter(({ name }) => wanted(name));
  const elements = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (!(elements <= mostElements))
    throw new VesaliusError(
      "bad-configuration",
      `the network has ${elements} weights; at most ${mostElements} are drawn`,
      {
        fix: "choose a smaller network, or one with weights",
      },
    );
  return new Map(parameters.map((parameter) => [parameter.name, draw(parameter, seed)]));
}
