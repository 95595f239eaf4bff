import * as fc from "fast-check";
import type { Attributes, Value } from "../../value.ts";
import type { DataType } from "../../../common/tensor.ts";
import type { Elements, GraphCase, TestInput } from "../finite-difference.ts";

/** The random cases of one operator. */
export interface OperatorEntry {
  readonly operator: string;
  readonly cases: fc.Arbitrary<GraphCase>;
  /** Whether the registry has a gradient rule, which the cases then check. */
  readonly differentiable: boolean;
}

/** Entry of a differentiable operator. */
export const differentiable = (operator: string, cases: fc.Arbitrary<GraphCase>): OperatorEntry => ({
  operator,
  cases,
  differentiable: true,
});

/** Entry of an operator without derivative: only types are checked. */
export const typesOnly = (operator: string, cases: fc.Arbitrary<GraphCase>): OperatorEntry => ({
  operator,
  cases,
  differentiable: false,
});

/** Shapes of a rank range, small enough for thousands of runs. */
export const shape = (minRank = 0, maxRank = 4, maxExtent = 4, minExtent = 1): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: minExtent, max: maxExtent }), { minLength: minRank, maxLength: maxRank });

/** An axis of a rank, counted from either end. */
export const axisOf = (rank: number): fc.Arbitrary<number> => fc.integer({ min: -rank, max: rank - 1 });

/** Shapes that broadcast together: leading axes left out and extents of 1 at random. */
export const broadcastable = (count: number): fc.Arbitrary<number[][]> =>
  shape().chain((result) => fc.tuple(...Array.from({ length: count }, () => broadcastableTo(result))));

/** A shape that broadcasts to another. */
export const broadcastableTo = (result: readonly number[]): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.integer({ min: 0, max: result.length }),
      fc.array(fc.boolean(), { minLength: result.length, maxLength: result.length }),
    )
    .map(([lead, ones]) => result.map((extent, i) => (ones[i] ? 1 : extent)).slice(lead));

/** Independent uniform elements. */
export const uniform = (low = -1, high = 1): Elements => ({ kind: "uniform", low, high });
/** Elements without ties and away from zero. */
export const distinct = (spacing = 0.1): Elements => ({ kind: "distinct", spacing });
/** Integers of a range, both ends included. */
export const integersIn = (low: number, high: number): Elements => ({ kind: "integers", low, high });

/** A fed tensor. */
export const fed = (of: readonly number[], elements: Elements = uniform(), dtype?: DataType): TestInput => ({
  shape: of,
  elements,
  ...(dtype ? { dtype } : {}),
});

/** A constant vector of int64: shapes, axes, pads. */
export const vector = (values: readonly number[]): TestInput => ({
  shape: [values.length],
  dtype: "int64",
  elements: { kind: "values", values },
  constant: true,
});

/** Options of `single`. */
export interface SingleOptions {
  readonly outputCount?: number;
  readonly precision?: GraphCase["precision"];
}

/** The case of a single node. */
export const single = (
  operator: string,
  inputs: readonly (TestInput | undefined)[],
  attributes: Attributes = {},
  options: SingleOptions = {},
): GraphCase => ({
  label: `${operator} ${JSON.stringify(Object.fromEntries(Object.entries(attributes).map(([name, given]) => [name, given.kind === "tensor" ? "tensor" : given.value])))}`,
  inputs,
  build: (values, graph): readonly Value[] =>
    graph.node(operator, values, { attributes, outputCount: options.outputCount ?? 1 }),
  precision: options.precision ?? "float64",
});
