import type { ReportSection } from "../../../report/index.ts";
import { groupBy } from "../../../common/group-by.ts";
import { curveSections, settingsText } from "../../report/sections/curves.ts";
import type { StageRecord } from "../records.ts";

/** Loss of every method's first seed. */
export function adaptationSections(stages: readonly StageRecord[]): ReportSection[] {
  const adapted = stages.filter((stage) => stage.kind === "adaptation");
  const trained = adapted.filter(({ steps }) => steps > 0);
  const asked = [...groupBy(adapted, ({ method }) => method)].flatMap(([method, [first]]) =>
    first!.steps > 0 ? [] : [[method, settingsText(first!.settings)]],
  );
  const firsts = [...groupBy(trained, ({ method }) => method)].map(([name, [first]]) => ({
    name,
    history: first!.history,
  }));
  if (adapted.length === 0) return [];
  const note =
    "First seed of each method; losses with random changes of the inputs and of different numbers of steps do not compare directly.";
  return [
    { kind: "heading", title: "Adaptation" },
    ...curveSections("adaptation", firsts, note),
    ...(asked.length === 0
      ? []
      : [
          {
            kind: "table" as const,
            title: "Methods that train nothing",
            columns: [{ label: "Method" }, { label: "What was asked, and how", align: "sentence" as const }],
            rows: asked,
            note: "Templates are named by a hash of everything that is said around an example.",
          },
        ]),
  ];
}
