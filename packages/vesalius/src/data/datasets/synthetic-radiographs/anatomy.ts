import type { RandomStream } from "../../../common/random.ts";
import { bell, chance, range } from "./draw.ts";

/** Sex as recorded in the cohort's attributes. */
export type Sex = "female" | "male";

/** One lung: half an ellipse from the apex to its widest level, straight below, cut by the dome of the diaphragm. */
export interface Lung {
  /** -1 for the image's left (the patient's right lung), 1 for the other. */
  readonly side: -1 | 1;
  /** Distance of the lung's axis from the midline at the widest level. */
  readonly centre: number;
  readonly halfWidth: number;
  /** Level at which the lung is widest, and height of the apex above it. */
  readonly widest: number;
  readonly height: number;
  /** How far the axis leans outwards for each unit downwards. */
  readonly tilt: number;
  /** Level of the top of the dome, and how far it falls from there to the costophrenic angle. */
  readonly dome: number;
  readonly fall: number;
}

/** The body of one synthetic patient. Lengths are patient units (see `Pose`), amounts are density. */
export interface Anatomy {
  readonly sex: Sex;
  /** Half-widths of trunk and neck. */
  readonly trunk: number;
  readonly neck: number;
  /** Attenuation of the soft tissue at the midline; larger for stout patients. */
  readonly tissue: number;
  /** Attenuation that a fully aerated lung takes away, as a share. */
  readonly aeration: number;
  readonly lungs: readonly [Lung, Lung];
  readonly heart: { readonly u: number; readonly v: number; readonly width: number; readonly height: number };
  /** Radius of the aortic knob, which grows with age. */
  readonly aorticKnob: number;
  readonly ribs: {
    readonly first: number;
    readonly spacing: number;
    readonly slope: number;
    readonly posterior: number;
    readonly anterior: number;
  };
  readonly clavicle: { readonly level: number; readonly rise: number; readonly amount: number };
  readonly spine: number;
  /** Breast shadow of each side, 0 where there is none. */
  readonly breasts: readonly [number, number];
  readonly breastLevel: number;
  /** Gas in the stomach below the left dome, 0 where there is none. */
  readonly stomachGas: number;
}

function sampleLung(stream: RandomStream, side: -1 | 1, common: { width: number; breath: number }): Lung {
  return {
    side,
    centre: 0.445 + 0.6 * common.width + 0.012 * bell(stream),
    halfWidth: 0.312 + common.width + 0.016 * bell(stream),
    widest: range(stream, 0.12, 0.3),
    height: range(stream, 0.96, 1.1),
    tilt: range(stream, 0.05, 0.15),
    // The liver holds the right dome a little higher, and the heart lies on the left one.
    dome: 0.46 + 0.075 * common.breath + (side === -1 ? -0.03 : 0.03) + 0.02 * bell(stream),
    fall: range(stream, 0.12, 0.26),
  };
}

/**
 * Draws the body of a patient. The heart and the aorta grow with age; women are a little narrower and mostly have
 * breast shadows.
 *
 * @param age in years.
 */
export function sampleAnatomy(stream: RandomStream, sex: Sex, age: number): Anatomy {
  const stoutness = bell(stream);
  const width = (sex === "male" ? 0.012 : -0.012) + 0.018 * bell(stream);
  const breath = bell(stream);
  const breast = sex === "female" && chance(stream, 0.85) ? range(stream, 0.03, 0.1) : 0;
  return {
    sex,
    trunk: 0.94 + 2 * width + 0.03 * stoutness,
    neck: range(stream, 0.28, 0.38),
    tissue: 0.68 + 0.035 * stoutness,
    aeration: 0.56 + 0.025 * bell(stream),
    lungs: [sampleLung(stream, -1, { width, breath }), sampleLung(stream, 1, { width, breath })],
    heart: {
      u: range(stream, 0.08, 0.16),
      v: 0.27 + 0.03 * breath + 0.02 * bell(stream),
      width: 0.31 + 0.0009 * (age - 50) + (sex === "female" ? 0.012 : 0) + 0.022 * bell(stream),
      height: range(stream, 0.24, 0.31),
    },
    aorticKnob: 0.09 + 0.0008 * (age - 50) + 0.008 * bell(stream),
    ribs: {
      first: range(stream, -0.92, -0.8),
      spacing: range(stream, 0.145, 0.175),
      slope: range(stream, 0.25, 0.45),
      posterior: range(stream, 0.05, 0.09),
      anterior: range(stream, 0.025, 0.055),
    },
    clavicle: {
      level: range(stream, -0.72, -0.6),
      rise: range(stream, 0.08, 0.24),
      amount: range(stream, 0.08, 0.14),
    },
    spine: range(stream, 0.04, 0.09),
    breasts: [breast * range(stream, 0.85, 1.15), breast * range(stream, 0.85, 1.15)],
    breastLevel: range(stream, 0.3, 0.48),
    stomachGas: chance(stream, 0.5) ? range(stream, 0.06, 0.14) : 0,
  };
}
