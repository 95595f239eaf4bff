import { randomStream } from "../../../common/random.ts";
import type { Site } from "./acquisition.ts";
import { bell, chance } from "./draw.ts";
import type { Radiograph } from "./render-radiograph.ts";

/** Share of positive images at each site. */
export type Prevalence = Readonly<Record<Site, number>>;

/** What `planSplit` needs to know. */
export interface SplitPlan {
  readonly seed: number;
  readonly split: string;
  /** Number of images. */
  readonly count: number;
  readonly prevalence: Prevalence;
}

/**
 * Decides who is in a split: patients with one image or, for one in four, two; each with a site, a sex and an age. The
 * number of positive images of a site is its prevalence times its images, rounded, and which ones they are is drawn
 * apart from age and sex. Patient names carry the split, so no patient is in two.
 */
export function planSplit({ seed, split, count, prevalence }: SplitPlan): Radiograph[] {
  const rows: Radiograph[] = [];
  for (let patientNumber = 0; rows.length < count; patientNumber++) {
    const patient = `synthetic-${split}-${patientNumber}`;
    const stream = randomStream(seed, patient);
    const person = {
      seed,
      patient,
      site: chance(stream, 0.5) ? ("A" as const) : ("B" as const),
      sex: chance(stream, 0.5) ? ("female" as const) : ("male" as const),
      age: Math.min(90, Math.max(18, Math.round(56 + 17 * bell(stream)))),
    };
    const visits = chance(stream, 0.25) ? 2 : 1;
    for (let visit = 0; visit < visits && rows.length < count; visit++) rows.push({ ...person, visit, opacity: false });
  }
  const positive = new Set<number>();
  for (const site of ["A", "B"] as const) {
    const ofSite = rows.flatMap((row, index) => (row.site === site ? [index] : []));
    const order = randomStream(seed, split, site, "labels").permutation(ofSite.length);
    const wanted = Math.round(prevalence[site] * ofSite.length);
    for (const position of order.subarray(0, wanted)) positive.add(ofSite[position]!);
  }
  return rows.map((row, index) => ({ ...row, opacity: positive.has(index) }));
}
