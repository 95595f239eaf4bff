import { z } from "zod";
import { registry } from "../../graph/index.ts";
import type { Backend } from "../backend.ts";
import { nodeCpu } from "../node-cpu.node.ts";
import type { WebProvider } from "../onnxruntime-web.ts";
import { outcomeOf } from "./compare.test.helper.ts";
import { type CaseResult, runOperator } from "./operator-cases.test.helper.ts";
import type { SuitePage } from "./page.test.helper.ts";
import type { OpenPage } from "./chromium.test.helper.ts";

const outcomeSchema = z.strictObject({
  status: z.enum(["pass", "processor", "refused", "differs"]),
  reason: z.string().optional(),
});

/** Outcomes of one operator on one backend; no `gradient` where the operator has none. */
const cellSchema = z.strictObject({ forward: outcomeSchema, gradient: outcomeSchema.optional() });
export type Cell = z.output<typeof cellSchema>;

/** Columns of the table. */
export const columns = ["node-cpu", "web-wasm", "web-webgpu"] as const;
export type Column = (typeof columns)[number];

/** The table of what runs where, as it is saved. */
export const compatibilitySchema = z.strictObject({
  engine: z.strictObject({ node: z.string(), web: z.string() }),
  operators: z.record(z.string(), z.record(z.enum(columns), cellSchema)),
});
export type Compatibility = z.output<typeof compatibilitySchema>;

/** Results of operators, outputs alone and with gradients. */
export interface OperatorRuns {
  readonly forward: Readonly<Record<string, readonly CaseResult[]>>;
  readonly gradient: Readonly<Record<string, readonly CaseResult[]>>;
}

async function runsOn(backend: Backend, gradient: boolean): Promise<Record<string, CaseResult[]>> {
  const results: Record<string, CaseResult[]> = {};
  for (const name of registry.keys()) results[name] = await runOperator(backend, name, gradient);
  return results;
}

/** The reference: every case on the processor in Node, where finite differences check the gradients. */
export async function referenceRuns(): Promise<OperatorRuns & { version: string }> {
  const backend = await nodeCpu();
  return {
    forward: await runsOn(backend, false),
    gradient: await runsOn(backend, true),
    version: backend.version,
  };
}

declare const suite: SuitePage;

/** Longest time that one operator may take, in milliseconds; an engine that hangs must not stop the others. */
const patience = 120_000;

/**
 * Runs every operator in a page.
 *
 * @param reopen opens the page; called again after an operator took the page down with it
 */
export async function browserRuns(
  reopen: () => Promise<OpenPage>,
  provider: WebProvider,
): Promise<OperatorRuns & { version: string }> {
  let opened = await reopen();
  const start = (): Promise<{ version: string }> => opened.page.evaluate((name) => suite.open(name), provider);
  const runs = { forward: {} as Record<string, CaseResult[]>, gradient: {} as Record<string, CaseResult[]> };
  try {
    const { version } = await start();
    for (const kind of ["forward", "gradient"] as const)
      for (const name of registry.keys()) {
        let timer: NodeJS.Timeout | undefined;
        const tooLong = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error("no answer")), patience);
        });
        try {
          const asked = opened.page.evaluate(([n, g]) => suite.operators([n], g), [name, kind === "gradient"] as const);
          runs[kind][name] = (await Promise.race([asked, tooLong]))[name]!;
        } catch (error) {
          runs[kind][name] = [{ label: name, failure: error instanceof Error ? error.message : String(error) }];
          await opened.close();
          opened = await reopen();
          await start();
        } finally {
          clearTimeout(timer);
        }
      }
    return { ...runs, version };
  } finally {
    await opened.close();
  }
}

/** Outcomes of every operator against the reference. */
export function cellsOf(found: OperatorRuns, reference: OperatorRuns): Record<string, Cell> {
  return Object.fromEntries(
    [...registry.keys()].map((name): [string, Cell] => {
      const forward = outcomeOf(found.forward[name] ?? [], reference.forward[name]!);
      const expected = reference.gradient[name]!;
      return [
        name,
        expected.length === 0 ? { forward } : { forward, gradient: outcomeOf(found.gradient[name] ?? [], expected) },
      ];
    }),
  );
}

const marks = { pass: "yes", processor: "on the processor", refused: "no", differs: "differs" } as const;

/** A cell of the table: one word where output and gradient do alike. */
function cellText({ forward, gradient }: Cell): string {
  const [a, b] = [marks[forward.status], gradient === undefined ? undefined : marks[gradient.status]];
  return b === undefined || a === b ? a : `${a}, gradient: ${b}`;
}

/** The table as a page of the documentation. */
export function compatibilityPage({ engine, operators }: Compatibility): string {
  const names = Object.keys(operators).sort();
  const reasons = names.flatMap((name) =>
    columns.flatMap((column) => {
      const { forward, gradient } = operators[name]![column];
      return Object.entries({ output: forward, gradient }).flatMap(([what, outcome]) =>
        outcome?.reason === undefined ? [] : [`- ${name}, ${what} on ${column}: ${outcome.reason}`],
      );
    }),
  );
  return [
    "# What runs where",
    "",
    "Made by `node scripts/compatibility.mjs` from runs of the operators' own test cases; do not edit. Each operator of the",
    "registry runs four random cases, forward and with the gradient of a random projection, in float32. Gradients are",
    "checked by finite differences in Node; browsers have to agree with Node.",
    "",
    `- \`node-cpu\`: onnxruntime-node ${engine.node}, the reference.`,
    `- \`web-wasm\`: onnxruntime-web ${engine.web} in Chromium, WebAssembly.`,
    `- \`web-webgpu\`: onnxruntime-web ${engine.web} in Chromium, WebGPU (in software: no graphics processor took part).`,
    '  "On the processor" means that a part of some case has no kernel for WebGPU and runs in WebAssembly, which is right',
    "  but costs copies.",
    "",
    `| operator | differentiable | ${columns.join(" | ")} |`,
    `| --- | --- | ${columns.map(() => "---").join(" | ")} |`,
    ...names.map((name) => {
      const row = operators[name]!;
      const differentiable = row["node-cpu"].gradient === undefined ? "no" : "yes";
      return `| ${name} | ${differentiable} | ${columns.map((column) => cellText(row[column])).join(" | ")} |`;
    }),
    ...(reasons.length === 0 ? [] : ["", "## Reasons", "", ...reasons]),
    "",
  ].join("\n");
}
