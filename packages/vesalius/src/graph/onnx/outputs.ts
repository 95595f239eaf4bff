import { VesaliusError } from "../../common/errors.ts";
import type { Value } from "../value.ts";
import type { GraphBuilder } from "./build.ts";
import type { ValueInfoProto } from "./generated/onnx_pb.ts";

/** An output of a file that a graph leaves out: graphs give tensors. */
export interface DroppedOutput {
  readonly name: string;
  /** What it is, and why it is left out. */
  readonly reason: string;
  /** What to do to keep it. */
  readonly fix: string;
}

/** What an output that is no tensor is, and how the model gives a tensor in its place. */
function dropped(name: string, { node }: Value): DroppedOutput {
  if (node?.type === "ZipMap")
    return {
      name,
      reason: "it is a list of maps from classes to probabilities (ZipMap), and only tensors can be returned",
      fix: "export with zipmap=False (skl2onnx: options={'zipmap': False}), which returns the tensor of probabilities",
    };
  return {
    name,
    reason: `it is a sequence, a map or an optional${node === undefined ? "" : ` (${node.type})`}, and only tensors can be returned`,
    fix: "export the model with an output of its own for each element, or with the elements joined into one tensor (ConcatFromSequence)",
  };
}

/**
 * The outputs of a file that are tensors, each once, and those that are not.
 *
 * @throws VesaliusError `unsupported-operator` where none is a tensor
 */
export function returnedOutputs(
  outputs: readonly ValueInfoProto[],
  builder: GraphBuilder,
  where: string,
): { readonly kept: ReadonlyMap<string, Value>; readonly dropped: readonly DroppedOutput[] } {
  const values = new Map(outputs.map(({ name }) => [name, builder.resolve(name)]));
  const kept = new Map([...values].filter(([, value]) => builder.isTensor(value)));
  const left = [...values].flatMap(([name, value]) => (kept.has(name) ? [] : [dropped(name, value)]));
  const [first] = left;
  if (first !== undefined && kept.size === 0)
    throw new VesaliusError("unsupported-operator", `the model returns no tensor: ${first.reason}`, {
      where: `${where}, output ${first.name}`,
      fix: first.fix,
    });
  return { kept, dropped: left };
}
