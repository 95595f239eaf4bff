import { meanOverSeeds } from "../../evaluation/index.ts";
import type { HeldOutMeasure } from "../../pretraining/index.ts";
import type { StageRecord } from "../stages/records.ts";

/** What was measured of pretraining on examples that it did not learn from, over the seeds. */
export interface HeldOutResult extends HeldOutMeasure {
  readonly objective: string;
  readonly seeds: readonly number[];
}

/**
 * Measures of the pretrainings of a run: of several seeds the mean with its Student-t interval, of one its own interval,
 * which covers the chance in which examples were held out.
 */
export function heldOutResults(stages: readonly StageRecord[]): HeldOutResult[] {
  const records = stages.filter((stage) => stage.kind === "pretraining");
  return (records[0]?.heldOut ?? []).map((first) => {
    const all = records.map(({ heldOut = [] }) => heldOut.find(({ name }) => name === first.name));
    const over = (of: (measure: HeldOutMeasure) => HeldOutMeasure["difference"]): HeldOutMeasure["estimate"] =>
      all.length === 1
        ? of(first)!
        : meanOverSeeds(all.map((measure) => (measure === undefined ? undefined : of(measure)?.value)));
    return {
      ...first,
      objective: records[0]!.objective,
      seeds: records.map(({ seed }) => seed),
      estimate: over(({ estimate }) => estimate),
      ...(first.difference === undefined ? {} : { difference: over(({ difference }) => difference) }),
    };
  });
}
