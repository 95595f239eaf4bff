import type { ReportSection } from "../../../report/index.ts";
import { groupBy } from "../../../common/group-by.ts";
import { curveSections } from "../../report/sections/curves.ts";
import type { StageRecord } from "../records.ts";

/** Loss of every method's first seed. */
export function adaptationSections(stages: readonly StageRecord[]): ReportSection[] {
  const adapted = stages.filter((stage) => stage.kind === "adaptation");
  const firsts = [...groupBy(adapted, ({ method }) => method)].map(([name, [first]]) => ({
    name,
    history: first!.history,
  }));
  if (firsts.length === 0) return [];
  const note =
    "First seed of each method; losses with random changes of the inputs and of different numbers of steps do not compare directly.";
  return [{ kind: "heading", title: "Adaptation" }, ...curveSections("adaptation", firsts, note)];
}
