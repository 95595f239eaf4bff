import { cardClassNames } from "../class-names.ts";
import { kindOf } from "../columns/index.ts";
import type { DatasetCard } from "../dataset-card.ts";
import type { Split } from "../split.ts";

/**
 * Names of classes, labels and types that a single example of all splits has. What one record alone says can be anything
 * (a name in the wrong cell), so messages and summaries count such names in place of repeating them, but for those that the
 * card declares.
 *
 * @param column name of the column
 */
export function rareNames(splits: Iterable<Split>, column: string, card?: DatasetCard): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { columns } of splits) {
    const stored = columns[column];
    if (stored === undefined) continue;
    const kind = kindOf(stored);
    const examples = kind.classExamples?.(stored);
    kind
      .classNames?.(stored)
      .forEach((name, index) => counts.set(name, (counts.get(name) ?? 0) + (examples?.[index] ?? 2)));
  }
  const declared = new Set(card === undefined ? [] : cardClassNames(card));
  return new Set([...counts].flatMap(([name, count]) => (count === 1 && !declared.has(name) ? [name] : [])));
}
