import { z } from "zod";
import { outcomeOf } from "./compare.test.helper.ts";
import type { OperatorRuns } from "./operator-runs.test.helper.ts";

const outcomeSchema = z.strictObject({
  status: z.enum(["pass", "processor", "refused", "differs"]),
  reason: z.string().optional(),
});

/** Outcomes of one operator on one backend; no `gradient` where the operator has none. */
const cellSchema = z.strictObject({ forward: outcomeSchema, gradient: outcomeSchema.optional() });
export type Cell = z.output<typeof cellSchema>;

/** Columns of the table. */
export const columns = ["node-cpu", "web-wasm", "web-webgpu", "node-webgpu"] as const;

/** The table of what runs where, as it is saved. */
export const compatibilitySchema = z.strictObject({
  engine: z.strictObject({ node: z.string(), web: z.string() }),
  /** Random cases of each operator on each backend. */
  cases: z.record(z.enum(columns), z.int().positive()),
  operators: z.record(z.string(), z.record(z.enum(columns), cellSchema)),
});
export type Compatibility = z.output<typeof compatibilitySchema>;

/**
 * Outcomes of every operator of the reference against it.
 *
 * @param cases how many of the reference's cases were to run; all by default
 */
export function cellsOf(found: OperatorRuns, reference: OperatorRuns, cases?: number): Record<string, Cell> {
  return Object.fromEntries(
    Object.keys(reference.forward).map((name): [string, Cell] => {
      const forward = outcomeOf(found.forward[name] ?? [], reference.forward[name]!.slice(0, cases));
      const expected = reference.gradient[name]!.slice(0, cases);
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
export function compatibilityPage({ engine, cases, operators }: Compatibility): string {
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
    "registry runs random cases, forward and with the gradient of a random projection, in float32. Gradients are checked",
    "by finite differences on the processor in Node, and the other backends have to agree with it.",
    "",
    `- \`node-cpu\`: onnxruntime-node ${engine.node}, the reference; ${cases["node-cpu"]} cases of each operator.`,
    `- \`web-wasm\`: onnxruntime-web ${engine.web} in Chromium, WebAssembly; ${cases["web-wasm"]} cases.`,
    `- \`web-webgpu\`: onnxruntime-web ${engine.web} in Chromium, WebGPU; ${cases["web-webgpu"]} cases.`,
    `- \`node-webgpu\`: onnxruntime-node ${engine.node}, WebGPU; ${cases["node-webgpu"]} cases.`,
    "",
    'WebGPU ran in software (SwiftShader): no graphics processor took part. "On the processor" means that a part of some',
    "case has no kernel for WebGPU and runs on the processor, which is right but costs copies.",
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
