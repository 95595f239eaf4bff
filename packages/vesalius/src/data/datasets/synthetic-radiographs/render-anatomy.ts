import type { Anatomy } from "./anatomy.ts";
import { paintBones } from "./bones.ts";
import { type Canvas, edge, nearby } from "./canvas.ts";
import { lungAt } from "./lung-field.ts";

/** Half-width of the body at a level: trunk below, shoulders sloping to the neck above. */
function bodyHalfWidth(anatomy: Anatomy, v: number): number {
  const shoulder = edge(-0.83 - v, 0.2);
  return anatomy.trunk + 0.08 * edge(-0.35 - v, 0.25) - (anatomy.trunk + 0.08 - anatomy.neck) * shoulder;
}

function paintSoftTissueAndLungs(canvas: Canvas, anatomy: Anatomy): void {
  const { lungs } = anatomy;
  for (let i = 0; i < canvas.density.length; i++) {
    const u = canvas.u[i]!;
    const v = canvas.v[i]!;
    const half = bodyHalfWidth(anatomy, v);
    const across = u / half;
    const body = edge(half - Math.abs(u), 0.03 + canvas.pixel / 2);
    if (body === 0) continue;
    // Rays near the flank pass through less tissue.
    const thickness = Math.sqrt(Math.max(0, 1 - across * across));
    const { lung, air } = lungAt(anatomy, u, v, canvas.pixel);
    canvas.lungField[i] = air;
    // The abdomen is denser than the chest wall; it begins where the dome ends the lung.
    const { dome } = u < 0 ? lungs[0] : lungs[1];
    const abdomen = v > dome ? (1 - lung) * edge(v - dome, 0.12) * (u < 0 ? 0.1 : 0.07) : 0;
    const tissue = anatomy.tissue * (0.55 + 0.45 * thickness) + abdomen;
    canvas.density[i] = body * tissue * (1 - anatomy.aeration * air);
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
