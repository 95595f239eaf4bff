import type { RandomStream } from "../../../common/random.ts";
import type { Anatomy } from "./anatomy.ts";
import { type Canvas, paintDot, paintStroke } from "./canvas.ts";
import { paintDevice } from "./devices.ts";
import { bell, chance, range } from "./draw.ts";

/** Hilum and the vessels that fan out from it: the normal markings of a lung. */
function paintVessels(canvas: Canvas, stream: RandomStream, side: -1 | 1): void {
  const hilumU = side * range(stream, 0.15, 0.21);
  const hilumV = -0.06 + 0.04 * bell(stream) - (side === 1 ? 0.04 : 0);
  const strength = range(stream, 0.7, 1.3);
  paintDot(canvas, hilumU, hilumV, range(stream, 0.13, 0.19), 0.13 * strength);
  for (let branch = 0; branch < 8; branch++) {
    // Directions spread evenly from straight up to straight down, with a little disorder.
    const downwards = -1 + (2 * (branch + 0.5)) / 8 + 0.12 * bell(stream);
    const outwards = 1.1 - 0.6 * Math.abs(downwards);
    const reach = range(stream, 0.25, 0.52) / Math.sqrt(downwards * downwards + outwards * outwards);
    const middle = { u: hilumU + side * outwards * reach * 0.55, v: hilumV + downwards * reach * 0.55 };
    const amount = 0.12 * strength * range(stream, 0.5, 1.2);
    paintStroke(canvas, {
      start: { u: hilumU + side * outwards * 0.09, v: hilumV + downwards * 0.09, amount },
      end: { ...middle, amount: amount * 0.6 },
      radius: 0.034,
    });
    for (const turn of [-0.3, 0.3]) {
      const end = {
        u: middle.u + side * reach * 0.5 * (outwards - turn * downwards),
        v: middle.v + reach * 0.5 * (downwards + turn * outwards),
        amount: 0,
      };
      paintStroke(canvas, { start: { ...middle, amount: amount * 0.55 }, end, radius: 0.022 });
    }
  }
}

/** Round shadows that are no opacity: nipples (one or both) and calcified granulomas (small and dense). */
function paintRoundShadows(canvas: Canvas, stream: RandomStream, anatomy: Anatomy): void {
  if (chance(stream, 0.35)) {
    const u = range(stream, 0.42, 0.52);
    const v = anatomy.breastLevel + range(stream, -0.06, 0.1);
    const amount = range(stream, 0.08, 0.16);
    const both = chance(stream, 0.6);
    const left = chance(stream, 0.5);
    for (const side of [-1, 1]) {
      if (both || left === (side === 1)) {
        paintDot(canvas, side * u + 0.015 * bell(stream), v + 0.015 * bell(stream), 0.055, amount);
      }
    }
  }
  if (chance(stream, 0.2)) {
    const side = chance(stream, 0.5) ? 1 : -1;
    for (let n = stream.integer(3); n >= 0; n--) {
      paintDot(canvas, side * range(stream, 0.2, 0.6), range(stream, -0.6, 0.25), range(stream, 0.03, 0.045), 0.3);
    }
  }
}

/**
 * Paints what both classes share and what must not be taken for an opacity: vessels, nipples, granulomas and, with
 * probability `devices`, a device.
 */
export function paintDistractors(canvas: Canvas, stream: RandomStream, anatomy: Anatomy, devices: number): void {
  paintVessels(canvas, stream, -1);
  paintVessels(canvas, stream, 1);
  paintRoundShadows(canvas, stream, anatomy);
  if (chance(stream, devices)) paintDevice(canvas, stream, anatomy);
}
