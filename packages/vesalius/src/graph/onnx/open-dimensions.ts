import { VesaliusError } from "../../common/errors.ts";

/** What a model leaves open of its inputs, beyond what is bound. */
interface OpenDimensions {
  /** Names of dimensions, `batch`, or `images[0]` for one without a name. */
  readonly dimensions: readonly string[];
  /** Inputs of which not even the number of axes is stated. */
  readonly inputs: readonly string[];
}

/** How dimensions and shapes are bound, for messages: an option in code, a flag on a command line. */
export interface BindingHelp {
  readonly dimension: (name: string) => string;
  readonly shape: (input: string) => string;
}

/** How they are bound in code. */
const options: BindingHelp = {
  dimension: (name) => `dimensions: { ${JSON.stringify(name)}: 1 }`,
  shape: (input) => `inputShapes: { ${JSON.stringify(input)}: [1, 8] }`,
};

/** The error of what is open, with what binds it. */
export function openError(
  { dimensions, inputs }: OpenDimensions,
  where: string,
  help: BindingHelp = options,
): VesaliusError {
  const [dimension] = dimensions;
  const [input] = inputs;
  const parts = [
    ...(dimension === undefined ? [] : [`these dimensions of the model are open: ${dimensions.join(", ")}`]),
    ...(input === undefined ? [] : [`these inputs of the model have no shape: ${inputs.join(", ")}`]),
  ];
  const fixes = [
    ...(dimension === undefined ? [] : [help.dimension(dimension)]),
    ...(input === undefined ? [] : [help.shape(input)]),
  ];
  return new VesaliusError("bad-argument", parts.join("; "), {
    where,
    fix: `bind ${dimensions.length + inputs.length === 1 ? "it" : "them"}, for example ${fixes.join(" and ")}`,
  });
}
