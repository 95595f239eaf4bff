import { elementCount, Graph, matMul, type Tensors } from "vesalius/graph";
import { type Backend, Program } from "vesalius/runtime";
import { compared, median, medianInterval, plain } from "./figures.ts";
import { type Round, type Timed, uniform } from "./timing.ts";
import type { Measure } from "../result.ts";

/** Rows, inner extent and columns of the matrix product that all rates are divided by. */
const [rows, inner, columns] = [2048, 1024, 1024] as const;

/** The plain matrix product of the engine. */
export async function productRun(backend: Backend): Promise<Timed> {
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

const operations = 2 * rows * inner * columns;
const productName = `MatMul ${rows} x ${inner} x ${columns}`;

/** Rate of a matrix product that takes so many milliseconds, in GFLOP/s. */
export const productRate = (milliseconds: number): number => operations / milliseconds / 1e6;

/** The rate of the fastest of some matrix products, to which other rates are compared. */
export const productMeasure = (milliseconds: readonly number[]): Measure =>
  plain(`${productName}, best`, productRate(Math.min(...milliseconds)), "GFLOP/s");

/** The rate of a step that takes some operations: the best beside the best product, and the share of the rate around it. */
export function rateMeasures(
  label: string,
  stepOperations: number,
  { steps, rounds }: { readonly steps: readonly number[]; readonly rounds: readonly Round[] },
  product: Measure,
): Measure[] {
  const rate = (milliseconds: number): number => stepOperations / milliseconds / 1e6;
  const shares = rounds.map((round) => rate(round.step) / productRate(round.product));
  return [
    plain(`${label}: step, best`, Math.min(...steps), "ms"),
    plain(`${label}: step, median`, median(steps), "ms"),
    compared(`${label}: rate, best`, rate(Math.min(...steps)), "GFLOP/s", product),
    plain(`${label}: rate, median`, rate(median(steps)), "GFLOP/s"),
    { ...plain(`${label}: share of the rate of the products around it`, 0, ""), ...medianInterval(shares) },
  ];
}

/** How `rateMeasures` come about, for whoever reads a result. */
export const turnsMethod =
  "Each training step runs in a process of its own, in turns with the matrix product, in blocks of the same length. The " +
  "share of the rate is that of a block of steps in the mean of the blocks of products before and after it: the median over " +
  "all such rounds, with a 95% interval. The best rates come from single runs; the best product, which takes a few hundredths " +
  "of a second, finds faster moments of a shared machine than a step can.";
