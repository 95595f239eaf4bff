import { elementCount, type Graph, type Node, type Value } from "vesalius/graph";

/** Multiplications with their additions of one product, times two; 0 for every other operator. */
function operationsOf({ type, inputs, outputs, attributes }: Node): number {
  const [x, weight] = inputs as readonly Value[];
  const result = outputs[0]!;
  switch (type) {
    case "Gemm":
    case "MatMul":
      return 2 * elementCount(result.shape) * x!.shape.at(attributes["transA"]?.value === 1 ? -2 : -1)!;
    case "Conv":
      return 2 * elementCount(result.shape) * elementCount(weight!.shape.slice(1));
    case "ConvTranspose":
      return 2 * elementCount(x!.shape) * elementCount(weight!.shape.slice(1));
    default:
      return 0;
  }
}

/**
 * Floating-point operations that a training step needs by the definition of its layers, however the gradients are
 * written: each convolution and matrix product once forward, once for each operand that a trained parameter stands
 * behind. What frozen layers do not need is not counted, nor is a gradient by the images.
 *
 * @param forward graph without gradients
 */
export function layerOperations(forward: Graph, isTrained: (parameter: Value) => boolean): number {
  const active = new Set<Value>([...forward.parameters.values()].filter(isTrained));
  let operations = 0;
  for (const node of forward.nodes) {
    const reached = node.inputs.filter((input) => input !== undefined && active.has(input));
    if (reached.length > 0) for (const output of node.outputs) active.add(output);
    const differentiated = node.inputs.slice(0, 2).filter((input) => input !== undefined && active.has(input)).length;
    operations += operationsOf(node) * (1 + differentiated);
  }
  return operations;
}
