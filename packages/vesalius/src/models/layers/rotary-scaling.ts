import { z } from "zod";

const factorSchema = z.number().positive();
const positionsSchema = z.int().positive();

/**
 * How rotary positions are stretched beyond the lengths that a model was first trained on, with the names and the
 * arithmetic of transformers' `modeling_rope_utils.py`.
 */
export const rotaryScalingSchema = z.discriminatedUnion("kind", [
  /** Every angle divided by the factor (Chen et al. 2023). */
  z.strictObject({ kind: z.literal("linear"), factor: factorSchema }),
  /** A base that grows with the text, where it is longer than `originalPositions` ("NTK-aware"). */
  z.strictObject({ kind: z.literal("dynamic"), factor: factorSchema, originalPositions: positionsSchema }),
  /** Fast features as they are, slow ones divided by the factor, a ramp between them (YaRN, Peng et al. 2024). */
  z.strictObject({
    kind: z.literal("yarn"),
    factor: factorSchema,
    originalPositions: positionsSchema,
    /** Factor on cosines and sines; follows from the scaling by default. */
    attentionFactor: z.number().positive().optional(),
    betaFast: z.number().positive().default(32),
    betaSlow: z.number().positive().default(1),
    /** Whether the ends of the ramp are whole features. */
    truncate: z.boolean().default(true),
  }),
  /** As LLaMA 3.1: slow features divided by the factor, with a transition between two wavelengths. */
  z.strictObject({
    kind: z.literal("llama3"),
    factor: factorSchema,
    lowFrequencyFactor: z.number().positive(),
    highFrequencyFactor: z.number().positive(),
    originalPositions: positionsSchema,
  }),
  /** A divisor for each pair of features, others for texts that are longer than `originalPositions` (LongRoPE, Ding et al. 2024). */
  z.strictObject({
    kind: z.literal("longrope"),
    shortFactors: z.array(factorSchema).min(1),
    longFactors: z.array(factorSchema).min(1),
    originalPositions: positionsSchema,
    /** Factor on cosines and sines. */
    attentionFactor: z.number().positive(),
  }),
]);

/** How rotary positions are stretched. */
export type RotaryScaling = z.infer<typeof rotaryScalingSchema>;

/** By how much each pair of features turns from one position to the next. */
export interface RotaryFrequencies {
  /** Angle in radians for each pair. */
  readonly angles: readonly number[];
  /** Factor on cosines and sines. */
  readonly magnitude: number;
}

type Yarn = Extract<RotaryScaling, { kind: "yarn" }>;

/** Pair of features, as a fraction, that turns `rotations` times over the original positions. */
const pairOfRotations = (rotations: number, { originalPositions }: Yarn, width: number, theta: number): number =>
  (width * Math.log(originalPositions / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));

function yarn(plain: readonly number[], scaling: Yarn, theta: number): RotaryFrequencies {
  const { factor, truncate } = scaling;
  const width = 2 * plain.length;
  const [first, last] = [scaling.betaFast, scaling.betaSlow].map((beta) =>
    pairOfRotations(beta, scaling, width, theta),
  );
  const low = Math.max(truncate ? Math.floor(first!) : first!, 0);
  const high = Math.min(truncate ? Math.ceil(last!) : last!, width - 1);
  // A ramp of no extent would divide by zero.
  const extent = high === low ? 0.001 : high - low;
  const angles = plain.map((angle, i) => {
    const slow = Math.min(1, Math.max(0, (i - low) / extent));
    return (angle / factor) * slow + angle * (1 - slow);
  });
  return { angles, magnitude: scaling.attentionFactor ?? yarnMagnitude(factor) };
}

/** Factor on cosines and sines that YaRN suggests for a stretch. */
export const yarnMagnitude = (factor: number, weight = 1): number =>
  factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;

function llama3(angle: number, scaling: Extract<RotaryScaling, { kind: "llama3" }>): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
  const turns = (originalPositions * angle) / (2 * Math.PI);
  if (turns < low) return angle / factor;
  if (turns > high) return angle;
  const share = (turns - low) / (high - low);
  return ((1 - share) * angle) / factor + share * angle;
}

/**
 * Frequencies of the pairs of features, `theta ** (-i / pairs)` where nothing is stretched.
 *
 * @param width features that are turned, even
 * @param length positions of the text; decides where the scaling depends on it
 */
export function rotaryFrequencies(
  width: number,
  theta: number,
  scaling: RotaryScaling | undefined,
  length: number,
): RotaryFrequencies {
  const pairs = width / 2;
  const at = (base: number): number[] => Array.from({ length: pairs }, (_, i) => base ** (-i / pairs));
  const plain = at(theta);
  if (scaling === undefined) return { angles: plain, magnitude: 1 };
  switch (scaling.kind) {
    case "linear":
      return { angles: plain.map((angle) => angle / scaling.factor), magnitude: 1 };
    case "dynamic": {
      if (length <= scaling.originalPositions) return { angles: plain, magnitude: 1 };
      const stretch = (scaling.factor * length) / scaling.originalPositions - scaling.factor + 1;
      return { angles: at(theta * stretch ** (width / (width - 2))), magnitude: 1 };
    }
    case "yarn":
      return yarn(plain, scaling, theta);
    case "llama3":
      return { angles: plain.map((angle) => llama3(angle, scaling)), magnitude: 1 };
    default: {
      const factors = length > scaling.originalPositions ? scaling.longFactors : scaling.shortFactors;
      return { angles: plain.map((angle, i) => angle / factors[i]!), magnitude: scaling.attentionFactor };
    }
  }
}
