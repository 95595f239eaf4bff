import type { Anatomy, Lung } from "./anatomy.ts";
import { edge } from "./canvas.ts";

/**
 * Distance of a point inside the lung from its border, negative outside; near the border exact to first order.
 */
function depthInLung(lung: Lung, u: number, v: number): number {
  const below = v - lung.widest;
  const x = (lung.side * u - lung.centre - lung.tilt * below) / lung.halfWidth;
  const y = below < 0 ? below / lung.height : 0;
  // Flatter sides than an ellipse, as a rib cage has.
  const x2 = x * x;
  const level = 0.5 * (x2 + x2 * x2) + y * y;
  const slopeX = (x + 2 * x2 * x) / lung.halfWidth;
  const slopeY = (2 * y) / lung.height;
  const wall = (1 - level) / Math.sqrt(slopeX * slopeX + slopeY * slopeY + 1e-6);
  const fromTop = x + 0.25;
  const domeSlope = (1.28 * lung.fall * fromTop) / lung.halfWidth;
  const dome = lung.dome + 0.64 * lung.fall * fromTop * fromTop;
  const floor = (dome - v) / Math.sqrt(1 + domeSlope * domeSlope);
  return wall < floor ? wall : floor;
}

/**
 * How much of the ray at a point is lung, and how much of that is filled with air: the heart and the aortic knob lie in
 * front of parts of the lungs.
 *
 * @param pixel width of a pixel, which softens the borders.
 * @returns both 0 to 1, `air` at most `lung`.
 */
export function lungAt(anatomy: Anatomy, u: number, v: number, pixel: number): { lung: number; air: number } {
  const { heart, lungs, aorticKnob } = anatomy;
  const lung = edge(depthInLung(u < 0 ? lungs[0] : lungs[1], u, v), 0.022 + pixel / 2);
  if (lung === 0) return { lung: 0, air: 0 };
  const softness = 0.02 + pixel / 2;
  const heartU = (u - heart.u - 0.25 * (v - heart.v)) / heart.width;
  const heartV = (v - heart.v) / heart.height;
  const inHeart = edge((1 - heartU * heartU - heartV * heartV) * 0.5 * heart.height, softness);
  const knobU = u - 0.1;
  const knobV = v + 0.34;
  const inKnob = edge(aorticKnob - Math.sqrt(knobU * knobU + knobV * knobV), softness);
  return { lung, air: lung * (1 - 0.88 * inHeart) * (1 - 0.8 * inKnob) };
}
