import type { Anatomy, Lung } from "./anatomy.ts";
import { bump, type Canvas, edge, nearby } from "./canvas.ts";

/**
 * Distance of a point inside the lung from its border, negative outside; near the border exact to first order.
 */
export function depthInLung(lung: Lung, u: number, v: number): number {
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

/** Half-width of the body at a level: trunk below, shoulders sloping to the neck above. */
function bodyHalfWidth(anatomy: Anatomy, v: number): number {
  const shoulder = edge(-0.83 - v, 0.2);
  return anatomy.trunk + 0.08 * edge(-0.35 - v, 0.25) - (anatomy.trunk + 0.08 - anatomy.neck) * shoulder;
}

function paintSoftTissueAndLungs(canvas: Canvas, anatomy: Anatomy): void {
  const { heart, lungs, aorticKnob } = anatomy;
  for (let i = 0; i < canvas.density.length; i++) {
    const u = canvas.u[i]!;
    const v = canvas.v[i]!;
    const half = bodyHalfWidth(anatomy, v);
    const across = u / half;
    const body = edge(half - Math.abs(u), 0.03 + canvas.pixel / 2);
    if (body === 0) continue;
    // Rays near the flank pass through less tissue.
    const thickness = Math.sqrt(Math.max(0, 1 - across * across));
    const lung = u < 0 ? lungs[0] : lungs[1];
    const aerated = edge(depthInLung(lung, u, v), 0.022 + canvas.pixel / 2);
    let air = aerated;
    if (air > 0) {
      const hu = (u - heart.u - 0.25 * (v - heart.v)) / heart.width;
      const hv = (v - heart.v) / heart.height;
      const heartLevel = hu * hu + hv * hv;
      air *= 1 - 0.88 * edge((1 - heartLevel) * 0.5 * heart.height, 0.02 + canvas.pixel / 2);
      const ku = u - 0.1;
      const kv = v + 0.34;
      air *= 1 - 0.8 * edge(aorticKnob - Math.sqrt(ku * ku + kv * kv), 0.02 + canvas.pixel / 2);
    }
    canvas.lungField[i] = air;
    // The abdomen is denser than the chest wall; it begins where the dome ends the lung.
    const abdomen = v > lung.dome ? (1 - aerated) * edge(v - lung.dome, 0.12) * (u < 0 ? 0.1 : 0.07) : 0;
    const tissue = anatomy.tissue * (0.55 + 0.45 * thickness) + abdomen;
    canvas.density[i] = body * tissue * (1 - anatomy.aeration * air);
  }
}

function paintBones(canvas: Canvas, anatomy: Anatomy): void {
  const { ribs, clavicle, spine } = anatomy;
  const widened = (radius: number): { squared: number; share: number } => {
    const squared = radius * radius + (canvas.pixel * canvas.pixel) / 2;
    return { squared, share: radius / Math.sqrt(squared) };
  };
  const rib = widened(0.045);
  const bone = widened(0.05);
  for (let i = 0; i < canvas.density.length; i++) {
    const u = canvas.u[i]!;
    const v = canvas.v[i]!;
    const a = Math.abs(u);
    let amount = 0;
    if (a > 0.08 && a < 0.86 && v < 0.85) {
      // All ribs of one kind are one arc repeated at equal distances, so the nearest one is found by rounding.
      const cage = edge(0.8 - 0.35 * Math.max(0, -0.25 - v) - a, 0.06) * edge(0.7 - v, 0.15);
      const posteriorArc = ribs.first + ribs.slope * a * a - 0.12 * a;
      const posteriorSteps = (v - posteriorArc) / ribs.spacing;
      const posterior = (posteriorSteps - Math.round(posteriorSteps)) * ribs.spacing;
      const anteriorArc = ribs.first + 0.07 + 0.55 * (0.8 - a);
      const anteriorSteps = (v - anteriorArc) / ribs.spacing;
      const anterior = (anteriorSteps - Math.round(anteriorSteps)) * ribs.spacing;
      amount += cage * rib.share * ribs.posterior * bump((posterior * posterior) / rib.squared);
      amount +=
        cage * edge(a - 0.33, 0.08) * rib.share * ribs.anterior * bump((0.77 * anterior * anterior) / rib.squared);
      const collar = v - clavicle.level + clavicle.rise * a - 0.1 * a * a;
      amount += edge(a - 0.1, 0.03) * bone.share * clavicle.amount * bump((collar * collar) / bone.squared);
    } else if (a <= 0.08) {
      const vertebra = v / 0.16 - Math.floor(v / 0.16) - 0.5;
      amount += spine * bump(a * a * 130) * (1.1 - 1.6 * vertebra * vertebra);
      if (v < -0.2) amount -= 0.07 * bump((u + 0.01) * (u + 0.01) * 350) * edge(-0.24 - v, 0.04);
    }
    canvas.density[i]! += amount * (canvas.density[i]! > 0.1 ? 1 : 0);
  }
}

function paintSoftShadows(canvas: Canvas, anatomy: Anatomy): void {
  for (const side of [-1, 1] as const) {
    const breast = anatomy.breasts[side === -1 ? 0 : 1];
    if (breast > 0) {
      nearby(canvas, side * 0.45, anatomy.breastLevel, 0.4, (i) => {
        const du = (canvas.u[i]! - side * 0.45) / 0.34;
        const dv = (canvas.v[i]! - anatomy.breastLevel) / 0.36;
        const level = du * du + dv * dv;
        // The lower fold is sharp, the upper one fades into the chest wall.
        canvas.density[i]! += breast * edge(1 - level, dv > 0 ? 0.18 : 0.75);
      });
    }
  }
  if (anatomy.stomachGas > 0) {
    const left = anatomy.lungs[1];
    nearby(canvas, 0.36, left.dome + 0.16, 0.17, (i) => {
      const du = (canvas.u[i]! - 0.36) / 0.17;
      const dv = (canvas.v[i]! - left.dome - 0.16) / 0.09;
      canvas.density[i]! -= anatomy.stomachGas * edge(1 - du * du - dv * dv, 0.5);
    });
  }
}

/** Paints a healthy patient: soft tissue, lungs (also as the canvas's lung field), bones, breasts, gas. */
export function paintAnatomy(canvas: Canvas, anatomy: Anatomy): void {
  paintSoftTissueAndLungs(canvas, anatomy);
  paintBones(canvas, anatomy);
  paintSoftShadows(canvas, anatomy);
}
