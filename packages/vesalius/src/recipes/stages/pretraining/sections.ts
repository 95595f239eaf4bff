import type { ReportSection } from "../../../report/index.ts";
import { formatNumber } from "../../../report/format.ts";
import { heldOutSections } from "./held-out-sections.ts";
import { curveSections, settingsText } from "../../report/sections/curves.ts";
import type { RecordOf, StageRecord } from "../records.ts";

/**
 * What pretraining learned from, how its loss and the parts of it fell, and what the objective has to show.
 *
 * @param unit what one example is, in the plural
 * @param shown sections of the objective
 */
export function pretrainingSections(
  stages: readonly StageRecord[],
  unit: string,
  shown: readonly ReportSection[],
): ReportSection[] {
  const records = stages.filter((stage) => stage.kind === "pretraining");
  const [record] = records;
  if (record === undefined) return [];
  const { objective, examples, steps, settings } = record;
  const each = (value: (one: RecordOf<"pretraining">) => number, digits: number): string =>
    records.map((one) => formatNumber(value(one), digits)).join(", ");
  const histories = records.map(({ seed, history }) => ({
    name: records.length === 1 ? objective : `seed ${seed}`,
    history,
  }));
  return [
    { kind: "heading", title: "Pretraining" },
    {
      kind: "keyValues",
      title: "What was learned",
      entries: [
        ["Objective", objective],
        ["Settings", settingsText(settings)],
        [unit.slice(0, 1).toUpperCase() + unit.slice(1), formatNumber(examples, 0)],
        ["Steps", formatNumber(steps, 0)],
        ["Seed", each(({ seed }) => seed, 0)],
        ["Seconds", each(({ cost }) => cost.seconds, 0)],
        ["Last loss", each((one) => one.history.at(-1)?.loss ?? NaN, 4)],
      ],
    },
    ...heldOutSections(records),
    ...curveSections("pretraining", histories),
    ...shown,
  ];
}
