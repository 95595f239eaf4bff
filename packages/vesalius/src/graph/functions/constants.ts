import { emit } from "../emit.ts";
import type { Graph } from "../graph.ts";
import { type DataType, filled } from "../../common/tensor.ts";
import type { Value } from "../value.ts";

/**
 * A tensor of one number, made when the graph runs, so that a large one takes no room in a file. Small constants are
 * better made with `Graph.constant`.
 */
export const full = (graph: Graph, shape: readonly number[], value: number, dtype: DataType = "float32"): Value =>
  emit("ConstantOfShape", [graph.int64(shape)], { value: { kind: "tensor", value: filled(dtype, [1], value) } });

/** Numbers that are added to or multiplied with every row, `[1, values]`. */
export const constantRow = (graph: Graph, values: readonly number[]): Value =>
  graph.constant({ dtype: "float32", shape: [1, values.length], data: Float32Array.from(values) });

/** 1 where row and column are the same, `[count, count]`. */
export function identityMatrix(graph: Graph, count: number): Value {
  const data = new Float32Array(count * count);
  for (let i = 0; i < count; i++) data[i * count + i] = 1;
  return graph.constant({ dtype: "float32", shape: [count, count], data });
}
