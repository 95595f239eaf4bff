import type { ReportSection } from "../../../report/index.ts";
import { heldOutResults } from "../../report/held-out.ts";
import type { StageRecord } from "../records.ts";

/** What was measured of pretraining on examples that it did not learn from, beside what has to be beaten. */
export function heldOutSections(stages: readonly StageRecord[]): ReportSection[] {
  const results = heldOutResults(stages);
  if (results.length === 0) return [];
  const leftOut = results.flatMap(({ label, leftOut: reasons }) =>
    Object.entries(reasons).map(([reason, count]) => `${label}: ${count} left out, ${reason}.`),
  );
  return [
    {
      kind: "table",
      title: "On examples that were not learned from",
      columns: [
        { label: "Measure" },
        { label: "Value", align: "right" },
        { label: "To be beaten", align: "right" },
        { label: "Difference", align: "right" },
        { label: "Examples", align: "right" },
        { label: "Seeds", align: "right" },
      ],
      rows: results.map(({ label, better, estimate, floor, difference, cases, seeds }) => [
        `${label} (${better} is better)`,
        estimate,
        floor?.estimate ?? "–",
        difference ?? "–",
        String(cases),
        String(seeds.length),
      ]),
      note: [
        ...results.flatMap(({ label, floor }) =>
          floor === undefined ? [] : [`To be beaten in ${label.toLowerCase()}: ${floor.name}.`],
        ),
        ...leftOut,
      ].join(" "),
    },
  ];
}
