import { elementCount, Graph, matMul, type Tensors } from "vesalius/graph";
import { type Backend, Program } from "vesalius/runtime";
import { plain } from "./figures.ts";
import { type Timed, uniform } from "./timing.ts";
import type { Measure } from "../result.ts";

/** Rows, inner extent and columns of the matrix product that all rates are divided by. */
const productShape = [2048, 1024, 1024] as const;

/** The plain matrix product of the engine. */
export async function productRun(backend: Backend): Promise<Timed> {
  const [rows, inner, columns] = productShape;
  const graph = new Graph("product");
  const a = graph.input("a", "float32", [rows, inner]);
  const b = graph.input("b", "float32", [inner, columns]);
  graph.output("c", matMul(a, b));
  const program = await Program.compile(graph, backend);
  const feeds: Tensors = new Map(
    [a, b].map(({ name, shape }) => [name, { dtype: "float32", shape, data: uniform(elementCount(shape)) }]),
  );
  return async () => void (await program.run(feeds, new Map()));
}

/** The rate of the fastest of some matrix products, to which other rates are compared. */
export function productMeasure(milliseconds: readonly number[]): Measure {
  const [rows, inner, columns] = productShape;
  const rate = (2 * rows * inner * columns) / Math.min(...milliseconds) / 1e6;
  return plain(`MatMul ${rows} x ${inner} x ${columns}, best`, rate, "GFLOP/s");
}
