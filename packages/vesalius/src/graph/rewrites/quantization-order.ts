import { int } from "../attributes.ts";
import { emit } from "../emit.ts";
import type { Value } from "../value.ts";

/**
 * A copy of a value that the engine cannot make before another value is there. An engine computes what depends on
 * weights alone as early as it likes, and once for all its readers: dequantised weights would all be held at once. The
 * first element of `ready` decides where the copy starts; the comparison makes it 0 for every number, NaN included.
 *
 * @param value at least one axis, of an element type that Slice has (not the 4-bit ones)
 * @param ready floating-point
 */
export function copiedAfter(value: Value, ready: Value): Value {
  const graph = value.graph;
  const axes = ready.shape.map((_, axis) => axis);
  const first =
    axes.length === 0
      ? ready
      : emit("Slice", [ready, graph.int64(axes.map(() => 0)), graph.int64(axes.map(() => 1)), graph.int64(axes)]);
  const flat = emit("Reshape", [first, graph.int64([1])]);
  const never = emit("Greater", [flat, graph.scalar(Infinity, ready.dtype)]);
  const start = emit("Cast", [never], { to: int(7) });
  // Inference would need a constant start; the result is the whole value.
  return graph.node("Slice", [value, start, graph.int64([value.shape[0]!]), graph.int64([0])], {
    outputTypes: [value],
  })[0]!;
}
