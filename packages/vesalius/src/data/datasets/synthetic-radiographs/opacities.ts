import type { RandomStream } from "../../../common/random.ts";
import type { Anatomy } from "./anatomy.ts";
import { bump, type Canvas, nearby } from "./canvas.ts";
import { bell, chance, range } from "./draw.ts";
import { lungAt } from "./lung-field.ts";

/** One soft shadow in a lung: overlapping lobes with a wavy outline. */
export interface Opacity {
  readonly u: number;
  readonly v: number;
  readonly radius: number;
  /** Share of the air that is replaced at the densest point, 0 to 1. */
  readonly consolidation: number;
  readonly lobes: readonly {
    readonly u: number;
    readonly v: number;
    readonly radius: number;
    readonly weight: number;
  }[];
  /** Strength of the second and third angular harmonic of the outline, as cosine and sine parts. */
  readonly outline: readonly [number, number, number, number];
}

/** A place in well-aerated lung, so that a focus has air to replace. */
function placeInLung(stream: RandomStream, anatomy: Anatomy): { u: number; v: number } {
  for (;;) {
    const u = (chance(stream, 0.5) ? -1 : 1) * range(stream, 0.05, 0.85);
    // The larger of two draws: the lower zones are affected more often.
    const v = -0.9 + 1.6 * Math.max(stream.uniform(), stream.uniform());
    if (lungAt(anatomy, u, v, 0.06).air > 0.98) return { u, v };
  }
}

function sampleOpacity(stream: RandomStream, anatomy: Anatomy): Opacity {
  const size = stream.uniform();
  // Small foci are the more common ones.
  const radius = 0.18 + 0.36 * size * size;
  // The first lobe lies in the middle, which is aerated lung, so that no opacity is lost behind the heart.
  const lobes = Array.from({ length: 3 + stream.integer(4) }, (_, index) => ({
    u: index === 0 ? 0 : 0.38 * radius * bell(stream),
    v: index === 0 ? 0 : 0.38 * radius * bell(stream),
    radius: radius * range(stream, 0.55, 1),
    weight: range(stream, 0.5, 1),
  }));
  const wave = (): number => 0.28 * bell(stream);
  return {
    ...placeInLung(stream, anatomy),
    radius,
    // A small focus must be denser to be seen at all.
    consolidation: range(stream, 0.32, 0.82) * (1.2 - 0.2 * size),
    lobes,
    outline: [wave(), wave(), wave(), wave()],
  };
}

/** Draws the opacities of one positive image: one, two or three foci anywhere in the lungs. */
export function sampleOpacities(stream: RandomStream, anatomy: Anatomy): Opacity[] {
  const draw = stream.uniform();
  const count = draw < 0.5 ? 1 : draw < 0.8 ? 2 : 3;
  return Array.from({ length: count }, () => sampleOpacity(stream, anatomy));
}

/** What a pixel gains when all air of a healthy lung is replaced by fluid: it then looks like soft tissue. */
const densityOfReplacedAir = 0.36;

/**
 * Adds an opacity and takes the replaced air out of the lung field: a shadow ends at the lung's border, and shadows that
 * overlap do not add up beyond soft tissue.
 */
export function paintOpacity(canvas: Canvas, opacity: Opacity): void {
  const [cosine2, sine2, cosine3, sine3] = opacity.outline;
  nearby(canvas, opacity.u, opacity.v, 3 * opacity.radius, (i) => {
    const du = canvas.u[i]! - opacity.u;
    const dv = canvas.v[i]! - opacity.v;
    const distance = Math.sqrt(du * du + dv * dv) + 1e-9;
    const c = du / distance;
    const s = dv / distance;
    const wave =
      cosine2 * (c * c - s * s) +
      sine2 * 2 * c * s +
      cosine3 * c * (c * c - 3 * s * s) +
      sine3 * s * (3 * c * c - s * s);
    const stretch = Math.max(0.5, 1 + wave);
    let amount = 0;
    for (const lobe of opacity.lobes) {
      const lu = du - lobe.u;
      const lv = dv - lobe.v;
      // A little wider than the lobe where pixels are coarse, so that small foci do not fall between them.
      const squared = lobe.radius * lobe.radius + canvas.pixel * canvas.pixel * 0.25;
      amount += lobe.weight * bump(((lu * lu + lv * lv) * stretch) / squared);
    }
    const replaced = Math.min(1, amount) * opacity.consolidation * canvas.lungField[i]!;
    canvas.density[i]! += densityOfReplacedAir * replaced;
    canvas.lungField[i]! -= replaced;
  });
}
