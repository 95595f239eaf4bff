import { VesaliusError } from "../../common/errors.ts";
import { string } from "../attributes.ts";
import { emit } from "../emit.ts";
import { expand, reshape } from "../functions/index.ts";
import type { Attributes, GradientContext, Node, Value } from "../value.ts";
import { type InferenceContext, type OperatorDefinition, requireInput, stringAttribute } from "./definition.ts";

/** An equation with a letter for every axis of every operand, ellipses written out. */
interface Equation {
  readonly operands: readonly string[];
  readonly output: string;
  /** Extent of each letter. */
  readonly extents: ReadonlyMap<string, number>;
}

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/**
 * Reads an equation as NumPy and ONNX do.
 *
 * @throws VesaliusError `bad-argument` or `shape-mismatch` when it does not fit the operands
 */
function parseEquation(attributes: Attributes, inputs: readonly (Value | undefined)[]): Equation {
  const text = stringAttribute(attributes, "equation", "").replaceAll(" ", "");
  const [left = "", right] = text.split("->");
  const terms = left.split(",");
  if (terms.length !== inputs.length)
    throw new VesaliusError("bad-argument", `equation "${text}" has ${terms.length} operands, got ${inputs.length}`);
  const letters = (term: string): string => term.replace("...", "");
  const ellipsisRanks = terms.map((term, i) =>
    term.includes("...") ? requireInput(inputs, i, "Einsum").rank - letters(term).length : 0,
  );
  const free = Array.from(alphabet)
    .filter((letter) => !text.includes(letter))
    .join("");
  const ellipsis = free.slice(0, Math.max(...ellipsisRanks, 0));
  const operands = terms.map((term, i) => term.replace("...", ellipsis.slice(ellipsis.length - ellipsisRanks[i]!)));
  const extents = new Map<string, number>();
  operands.forEach((labels, i) => {
    const { shape } = requireInput(inputs, i, "Einsum");
    if (labels.length !== shape.length)
      throw new VesaliusError("shape-mismatch", `operand ${i} of "${text}" has ${shape.length} axes`);
    Array.from(labels).forEach((label, axis) => {
      const [known, extent] = [extents.get(label) ?? 1, shape[axis]!];
      if (known !== extent && known !== 1 && extent !== 1)
        throw new VesaliusError("shape-mismatch", `axis "${label}" of "${text}" is ${known} and ${extent}`);
      extents.set(label, Math.max(known, extent));
    });
  });
  const all = terms.map(letters).join("");
  const once = [...new Set(all)].filter((label) => all.split(label).length === 2).sort();
  const output = right === undefined ? ellipsis + once.join("") : right.replace("...", ellipsis);
  return { operands, output, extents };
}

/**
 * The letters of an Einsum's operands and of its result, ellipses written out.
 *
 * @returns undefined where the equation does not fit the operands
 */
export function einsumTerms({ attributes, inputs }: Node): Pick<Equation, "operands" | "output"> | undefined {
  try {
    return parseEquation(attributes, inputs);
  } catch (error) {
    if (error instanceof VesaliusError) return undefined;
    throw error;
  }
}

const inferEinsum = ({ inputs, attributes }: InferenceContext) => {
  const { output, extents } = parseEquation(attributes, inputs);
  return [
    { dtype: requireInput(inputs, 0, "Einsum").dtype, shape: Array.from(output, (label) => extents.get(label)!) },
  ];
};

/** The gradient of an operand is an Einsum of the output's gradient with the other operands. */
function einsumGradient({ node, inputs, outputGradients, needed }: GradientContext): readonly (Value | undefined)[] {
  const { operands, output, extents } = parseEquation(node.attributes, inputs);
  return operands.map((labels, i) => {
    if (!needed[i]) return undefined;
    if (new Set(labels).size !== labels.length)
      throw new VesaliusError("not-differentiable", `the diagonal "${labels}" of an Einsum has no gradient rule`, {
        where: node.name,
      });
    const { shape } = inputs[i]!;
    const others = operands.filter((_, other) => other !== i);
    const otherInputs = inputs.filter((_, other) => other !== i);
    const whole = (terms: string, term: Value): string[] =>
      Array.from(terms).filter((label, axis) => term.shape[axis] === extents.get(label));
    const elsewhere = new Set([
      ...Array.from(output),
      ...others.flatMap((term, other) => whole(term, otherInputs[other]!)),
    ]);
    // A broadcast axis is summed over; one that only this operand has was summed forwards and is spread back.
    const kept = whole(labels, inputs[i]!)
      .filter((label) => elsewhere.has(label))
      .join("");
    const values = [outputGradients[0]!, ...otherInputs];
    const dx = emit("Einsum", values, { equation: string(`${[output, ...others].join(",")}->${kept}`) });
    const opened = reshape(
      dx,
      Array.from(labels, (label, axis) => (kept.includes(label) ? shape[axis]! : 1)),
    );
    return expand(opened, shape);
  });
}

/** Sums of products in Einstein's notation. */
export const einsteinSum: readonly OperatorDefinition[] = [
  { type: "Einsum", sinceVersion: 12, infer: inferEinsum, gradient: einsumGradient },
];
