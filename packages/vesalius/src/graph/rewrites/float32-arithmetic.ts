import { widenBfloat16, widenFloat16 } from "../../common/float16.ts";
import type { DataType, Tensor } from "../../common/tensor.ts";
import { int } from "../attributes.ts";
import { hasStaticShape } from "../dynamic-shapes.ts";
import { cast } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { elementTypeCode } from "../onnx/data-types.ts";
import { definitionOf } from "../registry.ts";
import type { Attributes, Node, Value } from "../value.ts";
import { copyNode, rewrite } from "./rewrite.ts";

const isHalf = (dtype: DataType): boolean => dtype === "float16" || dtype === "bfloat16";

function widened({ dtype, shape, data }: Tensor): Tensor {
  const widen = dtype === "float16" ? widenFloat16 : widenBfloat16;
  return { dtype: "float32", shape, data: widen(data as Uint16Array) };
}

/** Attributes under which a node gives float32 where it gave 16 bits. */
function widenedAttributes({ type, attributes }: Node): Attributes {
  const result: Record<string, Attributes[string]> = { ...attributes };
  for (const name of ["to", "dtype", "output_dtype"]) {
    const given = result[name];
    if (
      given?.kind === "int" &&
      (given.value === elementTypeCode("float16") || given.value === elementTypeCode("bfloat16"))
    )
      result[name] = int(elementTypeCode("float32"));
  }
  const value = result["value"];
  if (type === "ConstantOfShape" && value?.kind === "tensor" && isHalf(value.value.dtype))
    result["value"] = { kind: "tensor", value: widened(value.value) };
  return result;
}

const isBrain = ({ dtype }: Value): boolean => dtype === "bfloat16";

/** Whether a node computes with 16-bit floats, rather than only widening them. */
const computesHalf = ({ outputs }: Node): boolean => outputs.some(({ dtype }) => isHalf(dtype));

/**
 * Computes in float32 what a graph computes in float16 or bfloat16, so that it can be differentiated with float32's range
 * and precision. Inputs, parameters and outputs keep their names and element types: they are widened where they come in,
 * and results are narrowed where they go out; but bfloat16 parameters become float32, because engines take none as an
 * input. Operators outside the registry are left as they are, between casts.
 *
 * @returns the graph itself where it computes nothing in 16 bits
 */
export function float32Arithmetic(graph: Graph): Graph {
  if (!graph.nodes.some(computesHalf) && ![...graph.parameters.values()].some(isBrain)) return graph;
  const wide = new Map<Value, Value>();
  /** A value of the new graph in float32, where it is of 16 bits. */
  const widen = (value: Value | undefined): Value | undefined => {
    if (value === undefined || !isHalf(value.dtype)) return value;
    const known = wide.get(value);
    if (known !== undefined) return known;
    const made = value.tensor === undefined ? cast(value, "float32") : value.graph.constant(widened(value.tensor));
    wide.set(value, made);
    return made;
  };
  const rewritten = rewrite(graph, {
    parameter: (parameter, target) =>
      isBrain(parameter) ? target.parameter(parameter.name, parameter.shape, { kind: "zeros" }, "float32") : undefined,
    node: (node, inputs, target) => {
      if (![...node.inputs, ...node.outputs].some((value) => value !== undefined && isHalf(value.dtype)))
        return undefined;
      const known = definitionOf(node.type, node.domain) !== undefined && node.outputs.every(hasStaticShape);
      if (known) {
        const version = graph.opsets.get(node.domain);
        if (version !== undefined) target.requireOpset(node.domain, version);
        return target.node(node.type, inputs.map(widen), {
          attributes: widenedAttributes(node),
          domain: node.domain,
          outputCount: node.outputs.length,
          name: node.name,
          ...(node.gradient === undefined ? {} : { gradient: node.gradient }),
        });
      }
      const narrowed = inputs.map((input, i) => input && cast(input, node.inputs[i]!.dtype));
      return copyNode(node, narrowed, target).map((output) => widen(output)!);
    },
  }).graph;
  // Outputs go out in the element type that they had.
  const values = new Map(rewritten.outputs);
  rewritten.outputs.clear();
  for (const [name, { dtype }] of graph.outputs) rewritten.output(name, cast(values.get(name)!, dtype));
  return rewritten;
}
