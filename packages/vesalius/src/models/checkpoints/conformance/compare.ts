import { formatShape, sameShape, type Tensor } from "../../../graph/index.ts";
import { numbersOf } from "../widen.ts";

/** Tolerances of ONNX's own backend tests (`onnx/backend/test/loader`), for every floating-point type. */
export const onnxTolerance = { relative: 1e-3, absolute: 1e-7 } as const;

/** The narrow types cannot hold a relative difference of 1e-3, so theirs is the spacing of their numbers. */
const narrow: Readonly<Partial<Record<Tensor["dtype"], number>>> = { float16: 2e-3, bfloat16: 1.6e-2 };

/**
 * Compares a tensor with what is expected: floating-point numbers within `onnxTolerance`, infinities and NaN in the
 * same places, everything else exactly.
 *
 * @returns what differs; undefined where nothing does
 */
export function differenceOf(actual: Tensor, expected: Tensor): string | undefined {
  if (actual.dtype !== expected.dtype) return `element type ${actual.dtype}, expected ${expected.dtype}`;
  if (!sameShape(actual.shape, expected.shape))
    return `shape ${formatShape(actual.shape)}, expected ${formatShape(expected.shape)}`;
  if (Array.isArray(actual.data) || Array.isArray(expected.data)) {
    const [a, b] = [actual.data as string[], expected.data as string[]];
    const at = b.findIndex((text, i) => text !== a[i]);
    return at < 0 ? undefined : `string ${at} differs`;
  }
  if (!["float32", "float64", "float16", "bfloat16"].includes(actual.dtype)) {
    const [a, b] = [actual.data, expected.data];
    for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return `element ${i} is ${a[i]}, expected ${b[i]}`;
    return undefined;
  }
  const [a, b] = [numbersOf(actual), numbersOf(expected)];
  const relative = narrow[actual.dtype] ?? onnxTolerance.relative;
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    const close = Number.isFinite(y) && Math.abs(x - y) <= onnxTolerance.absolute + relative * Math.abs(y);
    if (!close && !Object.is(x, y)) return `element ${i} is ${x}, expected ${y}`;
  }
  return undefined;
}
