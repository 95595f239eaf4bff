import { formatCount, numberColumn, type ReportSection, type TextMark } from "../../report/index.ts";
import type { EntitiesDetails } from "./details.ts";

/** Marks that do not overlap: where a true entity and a wrong one share characters, the wrong one is left out. */
function marksOf({ spans }: EntitiesDetails["examples"][number]): TextMark[] {
  const order = { hit: 0, missed: 1, spurious: 2 } as const;
  const kept: TextMark[] = [];
  const sorted = spans.toSorted((a, b) => order[a.outcome] - order[b.outcome] || a.start - b.start || b.end - a.end);
  for (const { start, end, type, outcome } of sorted) {
    if (kept.some((mark) => start < mark.end && mark.start < end)) continue;
    kept.push({ start, end, label: type, tone: outcome });
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** Counts by type, and texts with their entities. */
export function entitiesSections({ types, examples }: EntitiesDetails): ReportSection[] {
  return [
    {
      kind: "table",
      title: "Entities found, missed and invented",
      columns: [
        { label: "Type" },
        numberColumn("Found exactly"),
        numberColumn("Missed"),
        numberColumn("Invented"),
        numberColumn("Found with other ends"),
      ],
      rows: types.map(({ name, exact, overlap }) => [
        name,
        formatCount(exact.hit),
        formatCount(exact.missed),
        formatCount(exact.spurious),
        formatCount(overlap.hit - exact.hit),
      ]),
      note: "An entity with other ends counts as one that was missed and one that was invented.",
    },
    ...(examples.length === 0
      ? []
      : [
          { kind: "heading" as const, title: "Most mistakes" },
          {
            kind: "texts" as const,
            title: "Texts with the most mistakes",
            texts: examples.map((example) => ({ text: example.text, marks: marksOf(example), caption: example.id })),
            note: "✓ found, − missed (dashed), + invented (dotted). Of two that overlap the true one is marked.",
          },
        ]),
  ];
}
