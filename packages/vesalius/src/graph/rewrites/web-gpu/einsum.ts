import { expand, matMul, multiply, reduceSum, reshape, transpose } from "../../functions/index.ts";
import { stringAttribute } from "../../operators/definition.ts";
import { broadcastShapes } from "../../shapes.ts";
import { elementCount } from "../../../common/tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** A tensor whose axes have letters. */
interface Term {
  readonly value: Value;
  readonly letters: readonly string[];
}

const alphabet = Array.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

/** What an equation without an arrow leaves: the further axes, then the letters that occur once, in order. */
function implicitOutput(terms: readonly string[]): string {
  const letters = Array.from(terms.join("").replaceAll(".", ""));
  const single = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return `...${single.sort().join("")}`;
}

/** Sums over the axes whose letters nobody needs any more. */
function summed({ value, letters }: Term, needed: ReadonlySet<string>): Term {
  const axes = letters.flatMap((letter, axis) => (needed.has(letter) ? [] : [axis]));
  if (axes.length === 0) return { value, letters };
  return {
    value: reduceSum(value, axes, { keepDimensions: false }),
    letters: letters.filter((letter) => needed.has(letter)),
  };
}

/** Axes in the order of letters; a letter that is missing becomes an axis of extent 1. */
function ordered({ value, letters }: Term, order: readonly string[]): Value {
  const present = order.filter((letter) => letters.includes(letter));
  const moved = transpose(
    value,
    present.map((letter) => letters.indexOf(letter)),
  );
  return reshape(
    moved,
    order.map((letter) => (letters.includes(letter) ? value.shape[letters.indexOf(letter)]! : 1)),
  );
}

/** Product of two tensors, summed over the letters that are not needed: a product of matrices. */
function contracted(left: Term, right: Term, needed: ReadonlySet<string>): Term {
  const shared = left.letters.filter((letter) => right.letters.includes(letter));
  const batch = shared.filter((letter) => needed.has(letter));
  const inner = shared.filter((letter) => !needed.has(letter));
  const rows = left.letters.filter((letter) => !shared.includes(letter));
  const columns = right.letters.filter((letter) => !shared.includes(letter));
  const letters = [...batch, ...rows, ...columns];
  if (inner.length === 0) return { value: multiply(ordered(left, letters), ordered(right, letters)), letters };
  const extents = (term: Term, of: readonly string[]): number[] =>
    of.map((letter) => term.value.shape[term.letters.indexOf(letter)]!);
  const [lead, middle] = [extents(left, batch), elementCount(extents(left, inner))];
  const [above, beside] = [extents(left, rows), extents(right, columns)];
  const a = reshape(ordered(left, [...batch, ...rows, ...inner]), [...lead, elementCount(above), middle]);
  const b = reshape(ordered(right, [...batch, ...inner, ...columns]), [...lead, middle, elementCount(beside)]);
  return { value: reshape(matMul(a, b), [...lead, ...above, ...beside]), letters };
}

/** The further axes ("...") of every input spread to the same extents, all axes with letters. */
function lettered(terms: readonly string[], inputs: readonly Value[]): { named: Term[]; further: readonly string[] } {
  const places = inputs.map((x, i) => {
    const start = terms[i]!.indexOf("...");
    const end = start + x.rank - (terms[i]!.length - 3);
    return start < 0 ? undefined : { start, end, extents: x.shape.slice(start, end) };
  });
  const joint = places.reduce<readonly number[]>((shape, axes) => broadcastShapes(shape, axes?.extents ?? []), []);
  const further = alphabet.filter((letter) => !terms.join("").includes(letter)).slice(0, joint.length);
  const named = inputs.map((x, i): Term => {
    const axes = places[i];
    const letters = Array.from(terms[i]!.replace("...", axes === undefined ? "" : further.join("")));
    if (axes === undefined) return { value: x, letters };
    const [before, after] = [x.shape.slice(0, axes.start), x.shape.slice(axes.end)];
    const lead = Array.from({ length: joint.length - axes.extents.length }, () => 1);
    const opened = reshape(x, [...before, ...lead, ...axes.extents, ...after]);
    return { value: expand(opened, [...before, ...joint, ...after]), letters };
  });
  return { named: alike(named), further };
}

/** Terms in which a letter has one extent everywhere: extents of 1 are spread. */
function alike(terms: readonly Term[]): Term[] {
  const extents = new Map<string, number>();
  for (const { value, letters } of terms)
    letters.forEach((letter, axis) => extents.set(letter, Math.max(value.shape[axis]!, extents.get(letter) ?? 1)));
  return terms.map(({ value, letters }) => ({
    value: expand(
      value,
      letters.map((letter) => extents.get(letter)!),
    ),
    letters,
  }));
}

/**
 * Einsum as products of matrices, two inputs at a time: the kernel refuses or gets wrong axes of different extents. A letter that one input has twice (a diagonal) is left to the kernel.
 */
export const einsumAsProducts: NodeRewriter = ({ attributes }, inputs) => {
  const [left, right] = stringAttribute(attributes, "equation", "").replaceAll(" ", "").split("->");
  const terms = left!.split(",");
  const { named, further } = lettered(terms, inputs as readonly Value[]);
  if (named.some(({ letters }) => new Set(letters).size !== letters.length)) return undefined;
  const output = Array.from((right ?? implicitOutput(terms)).replace("...", further.join("")));
  const neededAfter = (position: number): Set<string> =>
    new Set([...output, ...named.slice(position + 1).flatMap(({ letters }) => letters)]);
  let result = summed(named[0]!, neededAfter(0));
  for (const [i, next] of named.entries()) {
    if (i === 0) continue;
    const needed = neededAfter(i);
    // What only one of the two has and nobody needs is summed before the product.
    const own = summed(next, new Set([...needed, ...result.letters]));
    const others = summed(result, new Set([...needed, ...own.letters]));
    result = contracted(others, own, needed);
  }
  return [ordered(result, output)];
};
