import type { NodeProto } from "../generated/onnx_pb.ts";
import { alignment } from "./alignment.ts";
import { attributesToInputs } from "./attributes-to-inputs.ts";
import { changedMeaning } from "./changed-meaning.ts";
import { images } from "./images.ts";
import { type UpgradeContext, type UpgradeRule, withAttributes } from "./rule.ts";

/** Oldest opset of what `upgradeNode` returns. Nodes of later opsets stay in theirs. */
export const normalOpset = 18;

const rules = new Map<string, UpgradeRule>();
for (const rule of [...attributesToInputs, ...changedMeaning, ...images, ...alignment])
  for (const type of rule.types) rules.set(type, rule);

/**
 * Rewrites a node of an older opset in the forms that the registry knows, which are those of opset 18 unless an
 * operator is younger. Sources: the operator changelog and the version converter of ONNX.
 *
 * @returns nodes whose last one takes the place of the given one; the node itself where nothing changes
 * @throws VesaliusError `unsupported-operator` for forms that cannot be expressed any more
 */
export function upgradeNode(node: NodeProto, context: UpgradeContext): readonly NodeProto[] {
  const rule = rules.get(node.opType);
  const upgraded = rule !== undefined && context.version < rule.until ? rule.upgrade(node, context) : undefined;
  if (upgraded !== undefined) return upgraded;
  // A hint of the first opsets about memory that no later one knows.
  return context.version < 6 ? [withAttributes(node, ["consumed_inputs"])] : [node];
}
