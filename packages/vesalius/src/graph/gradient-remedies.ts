import type { Node } from "./value.ts";

const recurrent: ReadonlySet<string> = new Set(["RNN", "GRU", "LSTM"]);

/** What to do about an operator without a gradient that lies between the loss and what is to be trained. */
export function gradientRemedy({ type, domain }: Node): string {
  if (domain.startsWith("com.microsoft"))
    return `export the model without ONNX Runtime's optimisation, quantised weights with DequantizeLinear and MatMul in place of ${type}; or freeze the parameters before this node`;
  if (recurrent.has(type))
    return `train only what follows this node: freeze the parameters before it and those of ${type} itself; or take a model without recurrence`;
  return "freeze the parameters before this node, or replace the operator";
}
