import { elementCount, type Tensor, type Tensors, type Value } from "../../../graph/index.ts";
import type { RandomStream } from "../../../common/random.ts";

/**
 * Step of the central differences, for numbers beyond 1 as a share of them, the sizes in which it is tried, and largest
 * difference between gradient and differences as a share of the size of their terms. float32 leaves about three digits.
 */
export const derivativeSettings = {
  step: 2 ** -7,
  sizes: [1, 16, 1 / 16, 1 / 1024],
  tolerance: 1e-2,
  attempts: 6,
  movedElements: 32,
} as const;

/** Spacing of float32 numbers of that size. */
const spacing = (x: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -100))) - 23);

/** How far each element of each source is moved. */
export type Move = ReadonlyMap<string, Float64Array>;

/**
 * Moves a few random elements of each source, by amounts that float32 holds exactly at their place, also in other sizes.
 *
 * @param along gives the moves the signs of these gradients, so that a wrong factor is not hidden by terms that cancel
 */
export function drawMove(
  sources: readonly Value[],
  feeds: Tensors,
  stream: (source: string) => RandomStream,
  along?: (source: string) => Tensor | undefined,
): Move {
  const { sizes } = derivativeSettings;
  const largest = Math.max(...sizes);
  const smallest = Math.min(...sizes) / 2;
  return new Map(
    sources.map(({ name, shape }) => {
      const random = stream(name);
      const gradient = along?.(name)?.data as Float32Array | undefined;
      const move = new Float64Array(elementCount(shape));
      const x = feeds.get(name)!.data as Float32Array;
      for (const i of random.permutation(move.length).slice(0, derivativeSettings.movedElements)) {
        const size = Math.abs(x[i]!);
        const share = 2 * random.uniform() - 1;
        // There is no way on from an infinite number.
        if (!Number.isFinite(size)) continue;
        const step = derivativeSettings.step * Math.max(1, size);
        const grain = spacing(size + largest * step) / smallest;
        const amount = Math.round((share * step) / grain) * grain;
        move[i] =
          gradient === undefined || !(Math.abs(gradient[i]!) > 0) ? amount : Math.abs(amount) * Math.sign(gradient[i]!);
      }
      return [name, move];
    }),
  );
}

/** Feeds with a share of a move made. */
export function moved(feeds: Tensors, move: Move, share: number): Tensors {
  const result: Tensors = new Map(feeds);
  for (const [name, along] of move) {
    const tensor = feeds.get(name)!;
    result.set(name, { ...tensor, data: (tensor.data as Float32Array).map((x, i) => x + share * along[i]!) });
  }
  return result;
}

/** Change of the projected outputs from one run to another in double precision, and the size of its terms. */
export function change(from: Tensors, to: Tensors, outputs: readonly string[], weights: readonly Tensor[]) {
  let [value, squares, rounding] = [0, 0, 0];
  outputs.forEach((name, k) => {
    const w = weights[k]!.data as Float32Array;
    const [a, b] = [from.get(name)!.data as Float32Array, to.get(name)!.data as Float32Array];
    for (let i = 0; i < w.length; i++) {
      if (w[i] === 0 || Object.is(a[i], b[i])) continue;
      const term = w[i]! * (b[i]! - a[i]!);
      value += term;
      squares += term * term;
      rounding += (w[i]! * spacing(b[i]!)) ** 2;
    }
  });
  return { value, size: Math.sqrt(squares), rounding: Math.sqrt(rounding) };
}

/** What the projected outputs could change by without float32 showing it. */
function resolution(base: Tensors, outputs: readonly string[], weights: readonly Tensor[]): number {
  let squares = 0;
  outputs.forEach((name, k) => {
    const [y, w] = [base.get(name)!.data as Float32Array, weights[k]!.data as Float32Array];
    for (let i = 0; i < w.length; i++) if (w[i] !== 0) squares += (w[i]! * spacing(y[i]!)) ** 2;
  });
  return Math.sqrt(squares);
}

/** The change that gradients predict for a move. */
export function predicted(move: Move, gradientOf: (source: string) => Tensor | undefined) {
  let [value, squares] = [0, 0];
  for (const [name, along] of move) {
    const gradient = gradientOf(name)?.data as Float32Array | undefined;
    if (gradient === undefined) continue;
    along.forEach((amount, i) => {
      if (amount === 0) return;
      value += amount * gradient[i]!;
      squares += (amount * gradient[i]!) ** 2;
    });
  }
  return { value, size: Math.sqrt(squares) };
}

/** What the differences of one direction say of the gradient. */
export type Judgement =
  | { readonly kind: "agrees" }
  /** The slope and the size of its terms, for a step of size 1. */
  | { readonly kind: "disagrees"; readonly slope: number; readonly scale: number; readonly gradient: number }
  | { readonly kind: "says nothing"; readonly reason: string };

/**
 * Compares the gradient with differences along a move of one size: of the whole step to both sides, and of half of it.
 * Half the step halves what the two sides of a smooth function differ by; at a kink it stays as it was. Where the
 * differences are of the size of what float32 rounds, they say nothing.
 *
 * @param at runs the model with a share of the move made
 */
export async function judge(
  size: number,
  at: (share: number) => Promise<Tensors>,
  of: { readonly base: Tensors; readonly outputs: readonly string[]; readonly weights: readonly Tensor[] },
  gradient: ReturnType<typeof predicted>,
): Promise<Judgement> {
  const { base, outputs, weights } = of;
  const { tolerance, step } = derivativeSettings;
  const [low, lower, higher, high] = [await at(-size), await at(-size / 2), await at(size / 2), await at(size)];
  const between = (from: Tensors, to: Tensors) => change(from, to, outputs, weights);
  const [left, right] = [between(low, base), between(base, high)];
  const [nearLeft, nearRight] = [between(lower, base), between(base, higher)];
  const whole = between(low, high);
  const slope = whole.value / 2;
  const nearSlope = nearLeft.value + nearRight.value;
  if (![slope, nearSlope].every(Number.isFinite))
    return { kind: "says nothing", reason: "the outputs are infinite or no numbers beside these inputs" };
  const expected = size * gradient.value;
  const isFlat = whole.size === 0 && nearLeft.size === 0 && nearRight.size === 0;
  if (isFlat && Math.abs(expected) > 0 && Math.abs(expected) <= 4 * resolution(base, outputs, weights))
    return { kind: "says nothing", reason: "differences are no larger than what float32 rounds" };
  // How smooth the function is shows in its own terms, which a wrong gradient may exceed by far.
  const own = Math.max(whole.size / 2, 1e-2 * step * size);
  const scale = Math.max(own, size * gradient.size);
  // The fourth difference of a smooth function is next to nothing: what is left of it is rounding inside the model.
  const inside = Math.abs(right.value - left.value - 4 * (nearRight.value - nearLeft.value)) / Math.sqrt(70);
  const noise = Math.max(whole.rounding, nearLeft.rounding + nearRight.rounding, inside);
  if (Math.abs(expected - slope) <= tolerance * scale) return agreesIfSmooth();
  if (!isSmooth()) return { kind: "says nothing", reason: "not smooth at these inputs" };
  return Math.abs(expected - slope) > tolerance * scale + 4 * noise || Number.isNaN(expected)
    ? { kind: "disagrees", slope: slope / size, scale: own / size, gradient: gradient.value }
    : { kind: "says nothing", reason: "differences are no larger than what float32 rounds" };

  function isSmooth(): boolean {
    const bend = Math.abs(right.value - left.value);
    const nearBend = 2 * Math.abs(nearRight.value - nearLeft.value);
    return (
      Math.abs(slope - nearSlope) <= (tolerance / 2) * own + 2 * noise &&
      nearBend <= Math.max(0.7 * bend, tolerance * own + 2 * noise)
    );
  }

  function agreesIfSmooth(): Judgement {
    return isSmooth() ? { kind: "agrees" } : { kind: "says nothing", reason: "not smooth at these inputs" };
  }
}

/**
 * Whether several sizes of a direction contradict the gradient: slopes that agree with each other and not with it. Where
 * nothing changes at all, only a larger step tells a constant function from one whose changes are rounded away.
 */
export function contradicts(found: readonly { readonly size: number; readonly judgement: Judgement }[]): boolean {
  const wrong = found.flatMap(({ size, judgement }) =>
    judgement.kind === "disagrees" ? [{ size, ...judgement }] : [],
  );
  if (wrong.length < 2 || found.some(({ judgement }) => judgement.kind === "agrees")) return false;
  const [first, ...others] = wrong as [(typeof wrong)[number], ...typeof wrong];
  const isFlat = first.slope === 0;
  return others.some(
    ({ slope, size, scale }) =>
      (!isFlat || size > first.size) &&
      Math.abs(slope - first.slope) <= 4 * derivativeSettings.tolerance * Math.max(scale, first.scale),
  );
}
