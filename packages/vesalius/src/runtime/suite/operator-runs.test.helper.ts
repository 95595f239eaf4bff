import { registry } from "../../graph/index.ts";
import { nodeCpu } from "../node-cpu.node.ts";
import { type CaseRange, type CaseResult, runOperator } from "./operator-cases.test.helper.ts";
import type { SuiteHost } from "./suite.test.helper.ts";

/** Results of every operator, outputs alone and with gradients. */
export interface OperatorRuns {
  readonly forward: Readonly<Record<string, readonly CaseResult[]>>;
  readonly gradient: Readonly<Record<string, readonly CaseResult[]>>;
  /** Of the engine. */
  readonly version: string;
}

async function overOperators(
  names: Iterable<string>,
  run: (name: string, gradient: boolean) => Promise<CaseResult[]>,
): Promise<Omit<OperatorRuns, "version">> {
  const runs = { forward: {} as Record<string, CaseResult[]>, gradient: {} as Record<string, CaseResult[]> };
  for (const kind of ["forward", "gradient"] as const)
    for (const name of names) runs[kind][name] = await run(name, kind === "gradient");
  return runs;
}

/**
 * The reference: every case on the processor in Node, where finite differences check the gradients.
 *
 * @param cases random cases of each operator
 * @param names of the operators; all unless given
 */
export async function referenceRuns(
  cases: number,
  names: readonly string[] = [...registry.keys()],
): Promise<OperatorRuns> {
  const backend = await nodeCpu();
  const all: CaseRange = { drawn: cases, first: 0, end: cases };
  const runs = await overOperators(names, (name, gradient) => runOperator(backend, name, gradient, all));
  return { ...runs, version: backend.version };
}

/** Cases that a host is asked for at once. */
const atOnce = 20;

/** Longest time that they may take, in milliseconds; an engine that hangs must not stop the others. */
const patience = 120_000;

const withinPatience = async <Result>(work: Promise<Result>): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), patience);
  });
  return Promise.race([work, tooLong]).finally(() => clearTimeout(timer));
};

/**
 * Runs every operator on a backend in a page or a process of its own.
 *
 * @param open opens it; called again after an operator took it down
 * @param cases random cases of each operator that run, and that are drawn
 * @param onProgress told how many of all operators, outputs and gradients apart, are done
 * @param names of the operators; all unless given
 */
export async function hostRuns(
  open: () => Promise<SuiteHost>,
  cases: { readonly run: number; readonly drawn: number },
  onProgress: (done: number, all: number) => void = () => {},
  names: readonly string[] = [...registry.keys()],
): Promise<OperatorRuns> {
  let host = await open();
  const ask = async (name: string, gradient: boolean, range: CaseRange): Promise<CaseResult[] | Error> => {
    try {
      return await withinPatience(host.operator(name, gradient, range));
    } catch (error) {
      await host.close();
      host = await open();
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  let done = 0;
  const runAll = async (name: string, gradient: boolean): Promise<CaseResult[]> => {
    const results: CaseResult[] = [];
    for (let first = 0; first < cases.run; first += atOnce) {
      const range: CaseRange = { drawn: cases.drawn, first, end: Math.min(first + atOnce, cases.run) };
      let found = await ask(name, gradient, range);
      // A page that all operators share can run out of memory; one that is new cannot.
      if (found instanceof Error) found = await ask(name, gradient, range);
      if (found instanceof Error) return [...results, { label: name, failure: found.message }];
      results.push(...found);
    }
    onProgress(++done, 2 * names.length);
    return results;
  };
  try {
    const runs = await overOperators(names, runAll);
    return { ...runs, version: host.backend.version };
  } finally {
    await host.close();
  }
}
