import type { CaseResult, PlainTensor } from "./operator-cases.test.helper.ts";

/** Largest difference between two outputs that agree, next to the larger of 1 and the expected number. */
export const agreement = 2e-3;

/** How an operator did on a backend. */
export interface Outcome {
  /**
   * `pass`: agrees with the processor in Node; `processor`: agrees, but a part runs on the processor because WebGPU has
   * no kernel; `refused`: the engine gives no result; `differs`: it gives another one.
   */
  readonly status: "pass" | "processor" | "refused" | "differs";
  /** Why it was refused, or by how much it differs. */
  readonly reason?: string | undefined;
}

const close = (found: string, expected: string): boolean => {
  if (found === expected) return true;
  const [a, b] = [Number(found), Number(expected)];
  return Math.abs(a - b) <= agreement * Math.max(1, Math.abs(b));
};

/** What differs between two tensors; undefined where they agree. */
function differenceOf(name: string, found: PlainTensor | undefined, expected: PlainTensor): string | undefined {
  if (found === undefined) return `${name} is missing`;
  const type = ({ dtype, shape }: PlainTensor): string => `${dtype} [${shape.join(", ")}]`;
  if (type(found) !== type(expected)) return `${name} is ${type(found)}, not ${type(expected)}`;
  const at = expected.elements.findIndex((element, i) => !close(found.elements[i]!, element));
  return at < 0 ? undefined : `${name}: ${found.elements[at]} where ${expected.elements[at]} is right`;
}

/** First line of a failure without the place in the engine's own sources. */
const shortened = (failure: string): string =>
  failure
    .split("\n")[0]!
    .replace(/^ONNX Runtime (?:failed|refuses the model): /, "")
    .replace(/\s*\/?[\w./-]*onnxruntime[\w./-]*:\d+ [^]*? was false\. /, " ")
    .slice(0, 160);

/** Compares the results of an operator's cases with the reference's, case by case. */
export function outcomeOf(found: readonly CaseResult[], expected: readonly CaseResult[]): Outcome {
  for (const [i, reference] of expected.entries()) {
    const result = found[i];
    if ("failure" in reference) throw new Error(`the reference fails: ${reference.label}: ${reference.failure}`);
    if (result === undefined || "failure" in result)
      return { status: "refused", reason: shortened(result?.failure ?? "no result") };
    for (const [name, tensor] of Object.entries(reference.outputs)) {
      const difference = differenceOf(name, result.outputs[name], tensor);
      if (difference !== undefined) return { status: "differs", reason: `${result.label}: ${difference}` };
    }
  }
  return { status: found.some((result) => "fellBack" in result) ? "processor" : "pass" };
}
