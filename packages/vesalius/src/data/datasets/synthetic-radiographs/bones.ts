import type { Anatomy } from "./anatomy.ts";
import { bump, type Canvas, edge } from "./canvas.ts";

/** Paints ribs, clavicles and the spine, with the windpipe in front of it. */
export function paintBones(canvas: Canvas, anatomy: Anatomy): void {
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
    if (a > 0.12 && a < 0.86 && v < 0.85) {
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
    } else if (a <= 0.12) {
      const vertebra = v / 0.16 - Math.floor(v / 0.16) - 0.5;
      amount += spine * bump(a * a * 75) * (1.1 - 1.6 * vertebra * vertebra);
      if (v < -0.2) amount -= 0.07 * bump((u + 0.01) * (u + 0.01) * 350) * edge(-0.24 - v, 0.04);
    }
    canvas.density[i]! += amount * (canvas.density[i]! > 0.1 ? 1 : 0);
  }
}
