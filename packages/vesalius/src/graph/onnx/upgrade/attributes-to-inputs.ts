import type { NodeProto } from "../generated/onnx_pb.ts";
import {
  attributeNamed,
  constantNode,
  floatScalar,
  int64Vector,
  integersOf,
  nodeOf,
  type UpgradeContext,
  type UpgradeRule,
  withAttributes,
  withInputs,
} from "./rule.ts";

/** Moves an attribute that holds integers to an input. */
const move =
  (attribute: string, position: number) =>
  (node: NodeProto, { fresh }: UpgradeContext): readonly NodeProto[] | undefined => {
    const values = integersOf(node, attribute);
    if (values === undefined) return undefined;
    const rest = withAttributes(node, [attribute]);
    // An empty list meant the default, as leaving it out does.
    if (values.length === 0) return [rest];
    const name = fresh(attribute);
    return [constantNode(name, int64Vector(values)), withInputs(rest, { [position]: name })];
  };

/**
 * Nodes that make a number of the same type as `like`, which is not known in bodies of control flow.
 *
 * @returns the nodes and the name of the number
 */
function numberLike(value: number, like: string, { fresh, typeOf }: UpgradeContext): [readonly NodeProto[], string] {
  const name = fresh("number");
  if (typeOf(like)?.dtype === "float32") return [[constantNode(name, floatScalar(value))], name];
  const plain = fresh("number");
  return [[constantNode(plain, floatScalar(value)), nodeOf("CastLike", [plain, like], [name])], name];
}

const slice: UpgradeRule = {
  types: ["Slice"],
  until: 10,
  upgrade: (node, { fresh }) => {
    const nodes: NodeProto[] = [];
    const inputs: Record<number, string> = {};
    for (const [i, key] of ["starts", "ends", "axes"].entries()) {
      const values = integersOf(node, key);
      if (values === undefined) continue;
      inputs[i + 1] = fresh(key);
      nodes.push(constantNode(inputs[i + 1]!, int64Vector(values)));
    }
    return [...nodes, withInputs(withAttributes(node, ["starts", "ends", "axes"]), inputs)];
  },
};

const topK: UpgradeRule = {
  types: ["TopK"],
  until: 10,
  upgrade: (node, { fresh }) => {
    const name = fresh("k");
    const k = attributeNamed(node, "k")?.i ?? 0n;
    return [constantNode(name, int64Vector([k])), withInputs(withAttributes(node, ["k"]), { 1: name })];
  },
};

const pad: UpgradeRule = {
  types: ["Pad"],
  until: 11,
  upgrade: (node, context) => {
    const pads = integersOf(node, "pads") ?? integersOf(node, "paddings") ?? [];
    const name = context.fresh("pads");
    const value = attributeNamed(node, "value")?.f ?? 0;
    const [number, numberName] = value === 0 ? [[], undefined] : numberLike(value, node.input[0]!, context);
    const rest = withAttributes(node, ["pads", "paddings", "value"]);
    const inputs = numberName === undefined ? { 1: name } : { 1: name, 2: numberName };
    return [constantNode(name, int64Vector(pads)), ...number, withInputs(rest, inputs)];
  },
};

const clip: UpgradeRule = {
  types: ["Clip"],
  until: 11,
  upgrade: (node, context) => {
    const inputs: Record<number, string> = {};
    const nodes = ["min", "max"].flatMap((key, i) => {
      const bound = attributeNamed(node, key);
      if (bound === undefined) return [];
      const [made, name] = numberLike(bound.f, node.input[0]!, context);
      inputs[i + 1] = name;
      return made;
    });
    return [...nodes, withInputs(withAttributes(node, ["min", "max", "consumed_inputs"]), inputs)];
  },
};

const split: UpgradeRule = {
  types: ["Split"],
  until: 18,
  upgrade: (node, context) => {
    const moved = context.version < 13 ? (move("split", 1)(node, context) ?? [node]) : [node];
    const last = moved.at(-1)!;
    if (last.input[1]) return moved;
    // Since opset 18 the number of equal parts is said rather than counted.
    return [withAttributes(last, [], { num_outputs: { kind: "int", value: node.output.length } })];
  },
};

/** Operators whose sizes, axes and bounds were attributes and are inputs today. */
export const attributesToInputs: readonly UpgradeRule[] = [
  slice,
  topK,
  pad,
  clip,
  split,
  { types: ["Squeeze", "Unsqueeze", "ReduceSum"], until: 13, upgrade: move("axes", 1) },
  { types: ["Reshape"], until: 5, upgrade: move("shape", 1) },
  {
    types: ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare"].map(
      (kind) => `Reduce${kind}`,
    ),
    until: 18,
    upgrade: move("axes", 1),
  },
];
