import { VesaliusError } from "../../../common/errors.ts";
import {
  attributeNamed,
  constantNode,
  int64Vector,
  integerOf,
  nodeOf,
  type UpgradeRule,
  withAttributes,
  withInputs,
} from "./rule.ts";

/** Before opset 7, the second operand was aligned at `axis` of the first rather than at the last axis. */
const broadcast: UpgradeRule = {
  types: ["Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less"],
  until: 7,
  upgrade: (node, { fresh, typeOf }) => {
    const plain = withAttributes(node, ["axis", "broadcast", "consumed_inputs"]);
    const axis = attributeNamed(node, "axis");
    if (integerOf(node, "broadcast", 0) === 0 || axis === undefined) return [plain];
    const ranks = [0, 1].map((i) => typeOf(node.input[i]!)?.shape.length);
    if (ranks[0] === undefined || ranks[1] === undefined)
      throw new VesaliusError("unsupported-operator", `${node.opType} aligned at an axis of an unknown shape`, {
        where: node.name,
        fix: "export the model with opset 7 or later",
      });
    const start = Number(axis.i) < 0 ? Number(axis.i) + ranks[0] : Number(axis.i);
    const missing = ranks[0] - start - ranks[1];
    if (missing <= 0) return [plain];
    const [axes, aligned] = [fresh("axes"), fresh("aligned")];
    const places = Array.from({ length: missing }, (_, i) => BigInt(ranks[1]! + i));
    return [
      constantNode(axes, int64Vector(places)),
      nodeOf("Unsqueeze", [node.input[1]!, axes], [aligned]),
      withInputs(plain, { 1: aligned }),
    ];
  },
};

/** Before opset 7, a slope for each channel was aligned at the second axis. */
const prelu: UpgradeRule = {
  types: ["PRelu"],
  until: 7,
  upgrade: (node, { fresh, typeOf }) => {
    const [x, slope] = [typeOf(node.input[0]!), typeOf(node.input[1]!)];
    const plain = withAttributes(node, ["consumed_inputs"]);
    if (x === undefined || slope === undefined || slope.shape.length !== 1 || x.shape.length <= 2) return [plain];
    if (slope.shape[0] === 1) return [plain];
    const [axes, aligned] = [fresh("axes"), fresh("aligned")];
    const places = Array.from({ length: x.shape.length - 2 }, (_, i) => BigInt(i + 1));
    return [
      constantNode(axes, int64Vector(places)),
      nodeOf("Unsqueeze", [node.input[1]!, axes], [aligned]),
      withInputs(plain, { 1: aligned }),
    ];
  },
};

/** Operators that broadcast from the last axis today, and from a named one before opset 7. */
export const alignment: readonly UpgradeRule[] = [broadcast, prelu];
