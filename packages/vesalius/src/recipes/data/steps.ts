import type { Spec } from "../../common/index.ts";
import type { Dataset, Split } from "../../data/index.ts";
import type { Catalogues } from "../catalogues.ts";

/** A split that steps were taken with, and what they joined, cut and left out: `pack, train: texts 500, joined 94`. */
interface Taken {
  readonly split: Split;
  readonly notes: readonly string[];
}

/**
 * Takes steps with a split.
 *
 * @throws VesaliusError as the steps do
 */
export async function takeSteps(
  split: Split,
  specs: readonly Spec[],
  { steps }: Pick<Catalogues, "steps">,
): Promise<Taken> {
  let taken: Taken = { split, notes: [] };
  for (const spec of specs) {
    const stepped = await steps.create(spec)(taken.split);
    const counts = Object.entries(stepped.counts).map(([what, count]) => `${what} ${count}`);
    taken = { split: stepped.split, notes: [...taken.notes, `${spec.name}, ${split.name}: ${counts.join(", ")}`] };
  }
  return taken;
}

/** A dataset with notes among its cautions. */
export const withNotes = (dataset: Dataset, notes: readonly string[]): Dataset =>
  notes.length === 0
    ? dataset
    : { ...dataset, card: { ...dataset.card, cautions: [...dataset.card.cautions, ...notes] } };

/** Takes steps with every split of a dataset; what they did stands among its cautions. */
export async function takeStepsEverywhere(
  dataset: Dataset,
  specs: readonly Spec[],
  catalogues: Pick<Catalogues, "steps">,
): Promise<Dataset> {
  if (specs.length === 0) return dataset;
  const splits: Record<string, Split> = {};
  const notes: string[] = [];
  for (const [name, split] of Object.entries(dataset.splits)) {
    const taken = await takeSteps(split, specs, catalogues);
    splits[name] = taken.split;
    notes.push(...taken.notes);
  }
  return withNotes({ ...dataset, splits }, notes);
}
