import type { Attributes, Value } from "../value.ts";
import { capturesAttribute } from "./bodies.ts";
import type { GraphProto, NodeProto } from "./generated/onnx_pb.ts";
import type { Prober } from "./probe.ts";

/** Attributes of a node whose bodies read values around it. */
export const withCaptured = (attributes: Attributes, captures: readonly string[]): Attributes => ({
  ...attributes,
  [capturesAttribute]: { kind: "strings", value: captures },
});

/** An If whose condition is only known when the model runs. */
export interface OpenBranch {
  readonly node: NodeProto;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** The two branches, prepared. */
  readonly bodies: readonly GraphProto[];
  /** What they read of the graph around them. */
  readonly captured: ReadonlyMap<string, Value>;
}

/**
 * The branch of an If that is taken whatever the condition says, because the other one cannot be under the shapes that
 * are fixed here: exporters write branches for other numbers of axes or other extents, and an engine checks both.
 *
 * @returns undefined where both can be, or neither, or no engine tells
 */
export async function onlyPossibleBranch(
  { node, inputs, attributes, bodies, captured }: OpenBranch,
  prober: Prober | undefined,
  opsets: ReadonlyMap<string, number>,
): Promise<GraphProto | undefined> {
  if (prober === undefined || bodies.length !== 2) return undefined;
  const whole = await prober.types(
    {
      type: "If",
      domain: "",
      inputs: [...inputs, ...captured.values()],
      attributes: captured.size === 0 ? attributes : withCaptured(attributes, [...captured.keys()]),
      outputCount: node.output.length,
    },
    opsets,
  );
  if (whole.some((type) => type !== undefined)) return undefined;
  const possible: GraphProto[] = [];
  for (const body of bodies) if (await prober.loads(body, captured, opsets)) possible.push(body);
  return possible.length === 1 ? possible[0] : undefined;
}
