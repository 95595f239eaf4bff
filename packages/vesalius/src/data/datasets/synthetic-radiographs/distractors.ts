import type { RandomStream } from "../../../common/random.ts";
import type { Anatomy } from "./anatomy.ts";
import { type Canvas, paintDot, paintStroke } from "./canvas.ts";
import { bell, chance, range } from "./draw.ts";

/** Hilum and the vessels that fan out from it: the normal markings of a lung. */
function paintVessels(canvas: Canvas, stream: RandomStream, side: -1 | 1): void {
  const hilumU = side * range(stream, 0.15, 0.21);
  const hilumV = -0.06 + 0.04 * bell(stream) - (side === 1 ? 0.04 : 0);
  const strength = range(stream, 0.7, 1.3);
  paintDot(canvas, hilumU, hilumV, range(stream, 0.12, 0.17), 0.11 * strength);
  for (let branch = 0; branch < 8; branch++) {
    // Directions spread evenly from straight up to straight down, with a little disorder.
    const downwards = -1 + (2 * (branch + 0.5)) / 8 + 0.12 * bell(stream);
    const outwards = 1.1 - 0.6 * Math.abs(downwards);
    const reach = range(stream, 0.25, 0.52) / Math.sqrt(downwards * downwards + outwards * outwards);
    const middle = { u: hilumU + side * outwards * reach * 0.55, v: hilumV + downwards * reach * 0.55 };
    const amount = 0.09 * strength * range(stream, 0.5, 1.2);
    paintStroke(canvas, {
      start: { u: hilumU, v: hilumV, amount },
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

/** Wires and devices on or in the patient. */
function paintDevices(canvas: Canvas, stream: RandomStream, anatomy: Anatomy): void {
  const { heart } = anatomy;
  const line = (points: readonly (readonly [number, number])[], radius: number, amount: number): void => {
    for (let i = 1; i < points.length; i++) {
      const [startU, startV] = points[i - 1]!;
      const [endU, endV] = points[i]!;
      paintStroke(canvas, { start: { u: startU, v: startV, amount }, end: { u: endU, v: endV, amount }, radius });
    }
  };
  const kind = stream.integer(4);
  const jitter = 0.04 * bell(stream);
  if (kind === 0) {
    // Pacemaker below the left clavicle with a lead to the right ventricle.
    const [u, v] = [0.55 + jitter, -0.5 + jitter];
    line([[u - 0.05, v], [u + 0.07, v + 0.02]], 0.1, 0.32);
    line([[u - 0.1, v - 0.05], [0.16, -0.52], [-0.06, -0.3], [-0.08, 0.1], [heart.u + 0.08, heart.v + 0.16]], 0.016, 0.22);
  } else if (kind === 1) {
    // Electrodes with their cables.
    for (const [u, v] of [[-0.6, -0.55], [0.62, -0.5], [0.55, 0.45], [-0.5, 0.4]] as const) {
      if (chance(stream, 0.3)) continue;
      const [atU, atV] = [u + 0.05 * bell(stream), v + 0.05 * bell(stream)];
      paintDot(canvas, atU, atV, 0.055, 0.24);
      line([[atU, atV], [u * 0.5 + jitter, v * 0.3 + 0.2], [jitter, 1]], 0.014, 0.12);
    }
  } else if (kind === 2) {
    // Central line from the right side of the neck.
    line([[-0.34, -0.98], [-0.16 + jitter / 2, -0.6], [-0.1, -0.3], [-0.1, 0]], 0.015, 0.2);
  } else {
    // Sternal wires.
    for (let n = 0; n < 5; n++) paintDot(canvas, 0.01 * bell(stream), -0.45 + 0.17 * n + jitter, 0.032, 0.35);
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
  if (chance(stream, devices)) paintDevices(canvas, stream, anatomy);
}
