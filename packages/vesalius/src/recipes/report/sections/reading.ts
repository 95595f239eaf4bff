import { describeCounts } from "../../../data/index.ts";
import type { ReportSection } from "../../../report/index.ts";
import { formatNumber } from "../../../report/format.ts";
import { groupBy } from "../../../common/group-by.ts";
import type { StageRecord } from "../../stages/records.ts";

/** What a stage read its examples for. */
const useOf = (stage: StageRecord): string =>
  stage.kind === "evaluation" ? `evaluation on ${stage.split}` : stage.kind;

/**
 * What encoders tell of the examples of pretraining, adaptation and evaluation: tokens, texts that were cut, values without
 * a place. Stages that read the same are one row; where some read something else, each is named. Points of studies read
 * samples of the same examples.
 */
export function readingSections(stages: readonly StageRecord[]): ReportSection[] {
  const read = stages
    .filter(({ kind }) => kind !== "point")
    .flatMap((stage) =>
      describeCounts(stage.counts, (count) => formatNumber(count, 0)).map(([part, text]) => ({
        stage: stage.stage,
        use: useOf(stage),
        part,
        text,
      })),
    );
  if (read.length === 0) return [];
  const rows = [...groupBy(read, ({ use, part }) => `${use} ${part}`).values()].flatMap((same) => {
    const different = [...groupBy(same, ({ text }) => text).values()];
    return different.map((of) => [
      different.length === 1 ? of[0]!.use : of.map(({ stage }) => stage).join(", "),
      of[0]!.part,
      of[0]!.text,
    ]);
  });
  return [
    {
      kind: "table",
      title: "What was read of the examples",
      columns: [{ label: "For" }, { label: "Input" }, { label: "Counted", align: "sentence" }],
      rows,
      note: "What is truncated, beyond a maximum, unmatched or unseen took no part.",
    },
  ];
}
