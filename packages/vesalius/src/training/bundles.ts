import { concat, elementCount, reshape, split, type Value } from "../graph/index.ts";
import type { ParameterPolicy } from "./parameter-policy.ts";

/** Parameters that are updated together, as one tensor: the same rule with the same numbers applies to each element. */
export interface Bundle {
  readonly members: readonly Value[];
  readonly policy: ParameterPolicy;
}

/** Up to this many elements a parameter costs more in calls of the engine than in arithmetic. */
const smallParameter = 4096;

/**
 * Groups the small parameters (biases, norms, tokens) that share a policy; the others stay alone. A transformer has
 * twice as many small parameters as matrices, and a dozen operators update each: for small models this is a tenth of
 * the step.
 *
 * @param together whether the optimizer goes element by element; otherwise nothing is grouped
 */
export function bundleParameters(trained: ReadonlyMap<Value, ParameterPolicy>, together: boolean): Bundle[] {
  const bundles: Bundle[] = [];
  const small = new Map<string, { members: Value[]; policy: ParameterPolicy }>();
  for (const [parameter, policy] of trained) {
    if (!together || elementCount(parameter.shape) > smallParameter) {
      bundles.push({ members: [parameter], policy });
      continue;
    }
    const key = `${policy.weightDecay ?? ""}|${policy.learningRateScale ?? ""}`;
    const group = small.get(key);
    if (group === undefined) small.set(key, { members: [parameter], policy });
    else group.members.push(parameter);
  }
  return [...bundles, ...small.values()];
}

/** One tensor from the members' tensors: the tensor itself for a single member, a vector of all elements otherwise. */
export function pack(values: readonly Value[]): Value {
  if (values.length === 1) return values[0]!;
  return concat(
    values.map((value) => reshape(value, [elementCount(value.shape)])),
    0,
  );
}

/** Undoes `pack`: one tensor for each member, in its shape. */
export function unpack(packed: Value, members: readonly Value[]): readonly Value[] {
  if (members.length === 1) return [packed];
  const sizes = members.map(({ shape }) => elementCount(shape));
  return split(packed, sizes, 0).map((part, i) => reshape(part, members[i]!.shape));
}
