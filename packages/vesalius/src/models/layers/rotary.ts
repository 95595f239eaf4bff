import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  concat,
  flip,
  gather,
  multiply,
  reshape,
  slice,
  type Tensor,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { type RotaryFrequencies, rotaryFrequencies, type RotaryScaling } from "./rotary-scaling.ts";
import { tableSize } from "./table-size.ts";

export * from "./rotary-scaling.ts";

/** Options of `rotaryEmbedding`. */
export interface RotaryOptions {
  /** Base of the wavelengths; 10000 by default. */
  readonly theta?: number;
  /** How the angles are stretched for longer texts; not at all where it is left out. */
  readonly scaling?: RotaryScaling | undefined;
  /** Share of each head's features, the first ones, that are turned; all by default. */
  readonly fraction?: number;
  /**
   * Which features turn together: `interleaved` pairs 2i and 2i + 1 (RoFormer, Meta's LLaMA), `halfSplit` pairs i and
   * i + headWidth / 2 (GPT-NeoX, Hugging Face's LLaMA, ESM-2).
   */
  readonly layout: "interleaved" | "halfSplit";
  /** Position of each token `[batch, tokens]`, int32 or int64; 0, 1, 2, ... where it is left out. */
  readonly positions?: Value;
  /** Number of positions that `positions` can name. */
  readonly maximumPositions?: number;
}

/** Cosine and signed sine of every angle, each `[positions, width]`, in the layout of the features. */
function tables(
  count: number,
  { angles, magnitude }: RotaryFrequencies,
  interleaved: boolean,
): { cos: Tensor; sin: Tensor } {
  const half = angles.length;
  const width = 2 * half;
  const size = tableSize(count, width);
  const [cos, sin] = [new Float32Array(size), new Float32Array(size)];
  for (let position = 0; position < count; position++)
    for (let i = 0; i < half; i++) {
      const angle = position * angles[i]!;
      const [first, second] = interleaved ? [2 * i, 2 * i + 1] : [i, i + half];
      const row = position * width;
      cos[row + first] = cos[row + second] = magnitude * Math.cos(angle);
      // The partner of the first feature enters with a minus, that of the second with a plus.
      sin[row + first] = -magnitude * Math.sin(angle);
      sin[row + second] = magnitude * Math.sin(angle);
    }
  const shape = [count, width];
  return { cos: { dtype: "float32", shape, data: cos }, sin: { dtype: "float32", shape, data: sin } };
}

/** Each feature's partner in its place. */
function partners(x: Value, interleaved: boolean): Value {
  const width = x.shape.at(-1)!;
  const last = x.rank - 1;
  if (!interleaved) return concat([slice(x, last, width / 2, width), slice(x, last, 0, width / 2)], last);
  return reshape(flip(reshape(x, [...x.shape.slice(0, -1), width / 2, 2]), [x.rank]), x.shape);
}

/** By what queries and keys are turned; one for all layers whose heads have the same width. */
export interface RotaryAngles {
  readonly layout: RotaryOptions["layout"];
  /** Cosines, broadcast to `[batch, heads, tokens, turned]`; features behind the turned ones stay as they are. */
  readonly cos: Value;
  /** Sines, with the sign under which a feature's partner enters. */
  readonly sin: Value;
}

/**
 * Angles of `rotaryEmbedding` for queries and keys shaped like `x`.
 *
 * @param x `[batch, heads, tokens, headWidth]`
 * @throws VesaliusError `bad-configuration` for an odd width, or positions without their number
 */
export function rotaryAngles(x: Value, options: RotaryOptions): RotaryAngles {
  const [tokens, all] = x.shape.slice(-2) as [number, number];
  const { theta = 10000, positions, scaling, fraction = 1 } = options;
  const width = Math.trunc(all * fraction);
  const count = positions === undefined ? tokens : options.maximumPositions;
  if (width % 2 !== 0 || count === undefined)
    throw new VesaliusError(
      "bad-configuration",
      count === undefined
        ? "rotary positions given as a value need the number of positions there are"
        : `rotary positions need an even width of the heads, got ${width}`,
    );
  if (
    scaling?.kind === "longrope" &&
    [scaling.shortFactors, scaling.longFactors].some((each) => each.length !== width / 2)
  )
    throw new VesaliusError("bad-configuration", `LongRoPE needs ${width / 2} factors, one for each pair of features`);
  const interleaved = options.layout === "interleaved";
  const { cos, sin } = tables(count, rotaryFrequencies(width, theta, scaling, count), interleaved);
  const at = (table: Tensor): Value => {
    const constant = x.graph.constant(table);
    return positions === undefined ? constant : unsqueeze(gather(constant, positions), [1]);
  };
  return { layout: options.layout, cos: at(cos), sin: at(sin) };
}

/** Turns each pair of features of queries or keys `[batch, heads, tokens, headWidth]`. */
export function rotateFeatures(x: Value, angles: RotaryAngles): Value {
  const { layout, cos, sin } = angles;
  const [width, turned, last] = [x.shape.at(-1)!, cos.shape.at(-1)!, x.rank - 1];
  if (turned < width)
    return concat([rotateFeatures(slice(x, last, 0, turned), angles), slice(x, last, turned, width)], last);
  return add(multiply(x, cos), multiply(partners(x, layout === "interleaved"), sin));
}

/**
 * Rotary position embedding (Su et al. 2021): each pair of features is turned by `position * theta^(-2i / headWidth)`.
 *
 * @param x queries or keys `[batch, heads, tokens, headWidth]`
 * @returns same shape
 * @throws VesaliusError `bad-configuration` for an odd width, or positions without their number
 */
export const rotaryEmbedding = (x: Value, options: RotaryOptions): Value => rotateFeatures(x, rotaryAngles(x, options));
