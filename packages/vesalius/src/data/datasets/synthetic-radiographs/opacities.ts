import type { RandomStream } from "../../../common/random.ts";
import type { Anatomy } from "./anatomy.ts";
import { bump, type Canvas, nearby } from "./canvas.ts";
import { bell, chance, range } from "./draw.ts";
import { depthInLung } from "./render-anatomy.ts";

/** One soft shadow in a lung: overlapping lobes with a wavy outline. */
export interface Opacity {
  readonly u: number;
  readonly v: number;
  readonly radius: number;
  /** Density at the densest point. */
  readonly contrast: number;
  readonly lobes: readonly { readonly u: number; readonly v: number; readonly radius: number; readonly weight: number }[];
  /** Strength of the second and third angular harmonic of the outline, as cosine and sine parts. */
  readonly outline: readonly [number, number, number, number];
}

/** A place inside an aerated part of a lung, at least `margin` from its border and clear of the heart. */
function placeInLung(stream: RandomStream, anatomy: Anatomy, margin: number): { u: number; v: number } {
  const { heart } = anatomy;
  for (;;) {
    const lung = anatomy.lungs[chance(stream, 0.5) ? 0 : 1];
    const u = lung.side * range(stream, 0.05, 0.85);
    const v = range(stream, -0.9, 0.7);
    const hu = (u - heart.u) / heart.width;
    const hv = (v - heart.v) / heart.height;
    if (depthInLung(lung, u, v) > margin && hu * hu + hv * hv > 1.1) return { u, v };
  }
}

function sampleOpacity(stream: RandomStream, anatomy: Anatomy): Opacity {
  const size = stream.uniform();
  // Small foci are the more common ones.
  const radius = 0.1 + 0.26 * size * size;
  const lobes = Array.from({ length: 3 + stream.integer(4) }, () => ({
    u: 0.38 * radius * bell(stream),
    v: 0.38 * radius * bell(stream),
    radius: radius * range(stream, 0.55, 1),
    weight: range(stream, 0.5, 1),
  }));
  const wave = (): number => 0.28 * bell(stream);
  return {
    ...placeInLung(stream, anatomy, 0.06),
    radius,
    // A small focus must be denser to be seen at all.
    contrast: range(stream, 0.055, 0.13) * (1.35 - 0.6 * size),
    lobes,
    outline: [wave(), wave(), wave(), wave()],
  };
}

/** Draws the opacities of one positive image: one, two or three foci anywhere in the lungs. */
export function sampleOpacities(stream: RandomStream, anatomy: Anatomy): Opacity[] {
  const draw = stream.uniform();
  const count = draw < 0.6 ? 1 : draw < 0.85 ? 2 : 3;
  return Array.from({ length: count }, () => sampleOpacity(stream, anatomy));
}

/** Adds an opacity; only aerated lung takes part, so the shadow ends at the lung's border. */
export function paintOpacity(canvas: Canvas, opacity: Opacity): void {
  const [cosine2, sine2, cosine3, sine3] = opacity.outline;
  nearby(canvas, opacity.u, opacity.v, 2.4 * opacity.radius, (i) => {
    const du = canvas.u[i]! - opacity.u;
    const dv = canvas.v[i]! - opacity.v;
    const distance = Math.sqrt(du * du + dv * dv) + 1e-9;
    const c = du / distance;
    const s = dv / distance;
    const wave =
      cosine2 * (c * c - s * s) + sine2 * 2 * c * s + cosine3 * c * (c * c - 3 * s * s) + sine3 * s * (3 * c * c - s * s);
    const stretch = Math.max(0.5, 1 + wave);
    let amount = 0;
    for (const lobe of opacity.lobes) {
      const lu = du - lobe.u;
      const lv = dv - lobe.v;
      // A little wider than the lobe where pixels are coarse, so that small foci do not fall between them.
      const squared = lobe.radius * lobe.radius + canvas.pixel * canvas.pixel * 0.25;
      amount += lobe.weight * bump(((lu * lu + lv * lv) * stretch) / squared);
    }
    canvas.density[i]! += opacity.contrast * Math.min(1, amount) * canvas.lungField[i]!;
  });
}
