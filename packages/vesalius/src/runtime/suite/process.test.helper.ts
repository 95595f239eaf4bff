import { onnxRuntimeNode } from "../onnxruntime-node.node.ts";
import { type Suite, suiteOn } from "./suite.test.helper.ts";

/** A call of one of the suite's functions, as it comes from the process that drives this one. */
export type SuiteCall = {
  [Name in keyof Suite]: { readonly method: Name; readonly given: Parameters<Suite[Name]> };
}[keyof Suite];

/** What comes back. */
export type SuiteAnswer = { readonly value: unknown } | { readonly failure: string };

/** The suite in a process of its own, which a driver can end and whose environment says where drivers are. */
const suite = suiteOn(async (name) => {
  const provider = name === "node-cuda" ? "cuda" : "webgpu";
  const lenient = await onnxRuntimeNode({ provider });
  return { lenient, strict: await onnxRuntimeNode({ provider, processorFallback: false }) };
});

/** Calls a function of the suite; the types of calls keep names and arguments together, which this cannot see. */
const run = ({ method, given }: SuiteCall): Promise<unknown> =>
  (suite[method] as (...values: readonly unknown[]) => Promise<unknown>)(...given);

const answer = (given: SuiteAnswer): unknown => process.send!(given);

process.on("message", (call: SuiteCall) => {
  void run(call).then(
    (value) => answer({ value }),
    (error: unknown) => answer({ failure: error instanceof Error ? error.message : String(error) }),
  );
});
