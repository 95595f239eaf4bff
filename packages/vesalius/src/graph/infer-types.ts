import { VesaliusError } from "../common/errors.ts";
import type { TensorType } from "../common/tensor.ts";
import { hasStaticShape } from "./dynamic-shapes.ts";
import { definitionOf } from "./registry.ts";
import { formatShape } from "./shapes.ts";
import type { Attributes, Value } from "./value.ts";

/**
 * Element types and shapes of the outputs that a node would have.
 *
 * @throws VesaliusError `unsupported-operator` when the operator is not in the registry; `shape-mismatch` or
 * `bad-argument` when the inputs do not fit, naming the operator and its inputs
 */
export function inferTypes(
  type: string,
  inputs: readonly (Value | undefined)[],
  options: {
    readonly attributes?: Attributes;
    readonly domain?: string;
    readonly outputCount?: number;
    /** Name of the node, for messages. */
    readonly name?: string;
  } = {},
): readonly TensorType[] {
  const { attributes = {}, domain = "", outputCount = 1 } = options;
  const where = options.name === undefined ? {} : { where: options.name };
  const definition = definitionOf(type, domain);
  if (definition === undefined)
    throw new VesaliusError(
      "unsupported-operator",
      `operator "${domain ? `${domain}.` : ""}${type}" is not in the registry${domain.startsWith("com.microsoft") ? ": it is ONNX Runtime's own, which its optimizer and quantizer put in place of others" : ""}`,
      where,
    );
  const open = inputs.find((input) => input !== undefined && !hasStaticShape(input));
  if (open !== undefined)
    throw new VesaliusError("shape-mismatch", `the shape of "${open.name}" is only known when the model runs`, where);
  try {
    return definition.infer({ type, inputs, attributes, outputCount });
  } catch (error) {
    if (!(error instanceof VesaliusError)) throw error;
    const shapes = inputs
      .map((input) => (input === undefined ? "-" : `${input.dtype}${formatShape(input.shape)}`))
      .join(", ");
    throw new VesaliusError(error.code, `${type}(${shapes}): ${error.message}`, { ...where, cause: error });
  }
}
