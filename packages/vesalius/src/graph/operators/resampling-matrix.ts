import { VesaliusError } from "../../common/errors.ts";

/** How one axis is resampled, in the terms of ONNX's Resize. */
export interface AxisResampling {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: string;
  readonly nearest: string;
  /** Coefficient of the cubic kernel. */
  readonly cubicCoefficient: number;
  /** Leave taps outside the input out of a cubic kernel instead of repeating the border. */
  readonly excludeOutside: boolean;
  /** Output elements for each input element. */
  readonly scale: number;
}

/** Position in the input that an output element looks at. ONNX Runtime computes it in single precision. */
function sourcePosition(
  output: number,
  inputs: number,
  outputs: number,
  { coordinates, scale }: AxisResampling,
): number {
  const { fround } = Math;
  const halfPixel = (): number => fround(fround(fround(output + 0.5) / fround(scale)) - 0.5);
  switch (coordinates) {
    case "half_pixel":
      return halfPixel();
    case "pytorch_half_pixel":
      return outputs > 1 ? halfPixel() : 0;
    case "half_pixel_symmetric": {
      const adjustment = outputs / (scale * inputs);
      return fround((inputs / 2) * (1 - adjustment) + halfPixel());
    }
    case "align_corners":
      return outputs === 1 ? 0 : fround(fround(output * (inputs - 1)) / (outputs - 1));
    case "asymmetric":
      return fround(output / fround(scale));
    default:
      throw new VesaliusError("not-differentiable", `a Resize with "${coordinates}" coordinates has no gradient rule`);
  }
}

function nearestPosition(position: number, rounding: string): number {
  switch (rounding) {
    case "round_prefer_ceil":
      return Math.floor(position + 0.5);
    case "floor":
      return Math.floor(position);
    case "ceil":
      return Math.ceil(position);
    default:
      return Math.ceil(position - 0.5);
  }
}

/** Cubic convolution kernel (Keys 1981) at the distances of the four taps around a fraction. */
function cubicWeights(fraction: number, a: number): number[] {
  const near = (t: number): number => ((a + 2) * t - (a + 3)) * t * t + 1;
  const far = (t: number): number => ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return [far(fraction + 1), near(fraction), near(1 - fraction), far(2 - fraction)];
}

/** Input positions and weights that make one output element. */
function taps(position: number, inputs: number, axis: AxisResampling): readonly (readonly [number, number])[] {
  const clamp = (place: number): number => Math.min(Math.max(place, 0), inputs - 1);
  if (axis.mode === "nearest") return [[clamp(nearestPosition(position, axis.nearest)), 1]];
  if (axis.mode === "linear") {
    const inside = clamp(position);
    const low = Math.floor(inside);
    return [
      [low, 1 - (inside - low)],
      [clamp(low + 1), inside - low],
    ];
  }
  const low = Math.floor(position);
  const places = [low - 1, low, low + 1, low + 2];
  const weights = cubicWeights(position - low, axis.cubicCoefficient);
  if (!axis.excludeOutside) return places.map((place, i) => [clamp(place), weights[i]!]);
  const kept = weights.map((weight, i) => (places[i] === clamp(places[i]!) ? weight : 0));
  const total = kept.reduce((sum, weight) => sum + weight, 0);
  return places.map((place, i) => [clamp(place), kept[i]! / total]);
}

/**
 * Resampling of an axis is linear: output = matrix @ input.
 *
 * @returns weights `[outputs, inputs]`, row-major
 * @throws VesaliusError `not-differentiable` for a coordinate transformation that is not known
 */
export function resamplingMatrix(inputs: number, outputs: number, axis: AxisResampling): Float64Array {
  const matrix = new Float64Array(outputs * inputs);
  for (let output = 0; output < outputs; output++)
    for (const [place, weight] of taps(sourcePosition(output, inputs, outputs, axis), inputs, axis))
      matrix[output * inputs + place]! += weight;
  return matrix;
}
