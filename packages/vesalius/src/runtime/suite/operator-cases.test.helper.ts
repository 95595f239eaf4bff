import * as fc from "fast-check";
import { randomStream } from "../../common/random.ts";
import { operatorEntries } from "../../graph/testing/cases/index.test.cases.ts";
import { buildCase, feedsOf, type GraphCase } from "../../graph/testing/finite-difference.ts";
import type { Backend } from "../backend.ts";
import { loadGraph } from "../load-graph.ts";

const seed = 20260101;

/** Which of an operator's random cases to run: those from `first` up to `end`, of `drawn` in all. */
export interface CaseRange {
  readonly drawn: number;
  readonly first: number;
  readonly end: number;
}

/** Elements as text, which keeps NaN, infinities and 64-bit integers on the way out of a page. */
export interface PlainTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly elements: readonly string[];
}

/** What became of one case on one backend. */
export type CaseResult = { readonly label: string } &
  /** `fellBack` where it took a backend that leaves a part to the processor. */
  (
    | { readonly outputs: Readonly<Record<string, PlainTensor>>; readonly fellBack?: true }
    | { readonly failure: string }
  );

/** The cases of an operator, the same ones everywhere, in float32: the one real type that every backend has. */
function casesOf(operator: string, count: number): { cases: readonly GraphCase[]; differentiable: boolean } {
  const entry = operatorEntries.find((entry) => entry.operator === operator);
  if (entry === undefined) throw new Error(`no cases of ${operator}`);
  const drawn = fc.sample(entry.cases, { numRuns: 4 * count, seed });
  const inFloat32 = drawn.map((one): GraphCase => ({ ...one, precision: "float32" }));
  // Some operators (Cast) are only drawn with float64; they show what a backend does about it.
  const cases = inFloat32.some(isSingle) ? inFloat32.filter(isSingle) : inFloat32;
  return { cases: cases.slice(0, count), differentiable: entry.differentiable };
}

/** Whether a case stays clear of float64, which WebGPU does not have. */
function isSingle(one: GraphCase): boolean {
  const { graph } = buildCase(one, randomStream(seed, "backends"), false);
  const values = [...graph.inputs.values(), ...graph.nodes.flatMap(({ outputs }) => outputs)];
  return values.every(({ dtype }) => dtype !== "float64");
}

async function runCase(backend: Backend, one: GraphCase, index: number, differentiate: boolean): Promise<CaseResult> {
  const label = one.label ?? `case ${index}`;
  try {
    const built = buildCase(one, randomStream(seed, "backends", index), differentiate);
    const session = await loadGraph(built.graph, backend, { threads: 1 }, one.opset ? { opset: one.opset } : {});
    try {
      const outputs = await session.run(feedsOf(built));
      const plain = [...outputs].map(([name, { dtype, shape, data }]): [string, PlainTensor] => [
        name,
        { dtype, shape, elements: Array.from(data as ArrayLike<unknown>, String) },
      ]);
      return { label, outputs: Object.fromEntries(plain) };
    } finally {
      await session.release();
    }
  } catch (error) {
    return { label, failure: error instanceof Error ? error.message : String(error) };
  }
}

/** The operator that was asked for last: its cases are asked for in parts. */
let latest: { readonly operator: string; readonly count: number; readonly found: ReturnType<typeof casesOf> };

/**
 * Runs cases of an operator on a backend: outputs alone, or outputs and gradients.
 *
 * @param fallback backend to try where the first one fails
 * @returns one result for each case; none where gradients are asked for and the operator has none
 */
export async function runOperator(
  backend: Backend,
  operator: string,
  gradient: boolean,
  { drawn, first, end }: CaseRange,
  fallback?: Backend,
): Promise<CaseResult[]> {
  if (latest?.operator !== operator || latest.count !== drawn)
    latest = { operator, count: drawn, found: casesOf(operator, drawn) };
  const { cases, differentiable } = latest.found;
  if (gradient && !differentiable) return [];
  const results: CaseResult[] = [];
  for (const [offset, one] of cases.slice(first, end).entries()) {
    const index = first + offset;
    const result = await runCase(backend, one, index, gradient);
    if (!("failure" in result) || fallback === undefined) {
      results.push(result);
      continue;
    }
    const second = await runCase(fallback, one, index, gradient);
    results.push("failure" in second ? second : { ...second, fellBack: true });
  }
  return results;
}
