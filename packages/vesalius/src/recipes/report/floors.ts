import { z } from "zod";
import type { DatasetCard } from "../../data/index.ts";
import type { Metric } from "../../evaluation/evaluation.ts";

/** What a simple method reaches, and where that is known from. */
export const floorSchema = z.object({
  metric: z.string(),
  value: z.number(),
  name: z.string(),
  source: z.string().optional(),
});
export type Floor = z.output<typeof floorSchema>;

const plain = (text: string): string =>
  text
    .replace(/\b(official|test|validation|val)\b/gi, "")
    .replaceAll(",", "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();

/** Ways in which a card's name of a metric may be meant: as written, and without what stands in parentheses. */
const readings = (name: string): string[] => [plain(name), plain(name.replace(/\([^)]*\)/g, ""))];

/** The value of a metric in a baseline such as `metric: "AUC / accuracy", value: "0.991 / 0.956"`. */
function valueOf(baseline: DatasetCard["baselines"][number], { aliases = [], range }: Metric): number | undefined {
  const names = baseline.metric.split(/[/;]/);
  const values = String(baseline.value).split(/[/;]/);
  const position = names.findIndex((name) => readings(name).some((reading) => aliases.includes(reading)));
  // With more names than values, or fewer, nobody knows which is whose.
  if (position < 0 || names.length !== values.length) return undefined;
  const text = values[position]!.trim();
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return undefined;
  // Cards write shares as percentages too.
  return range[1] === 1 && value > 1 ? value / 100 : value;
}

/**
 * The strongest baseline that a dataset's card states for a metric on a split: only verified ones, and ones measured on
 * a test split only for the test split.
 *
 * @param name the metric's name in its evaluation
 */
export function floorOfCard(card: DatasetCard, name: string, metric: Metric, split: string): Floor | undefined {
  const sign = metric.better === "higher" ? 1 : -1;
  let best: Floor | undefined;
  for (const baseline of card.baselines) {
    const ofTest = /\btest\b/i.test(baseline.metric);
    const value = valueOf(baseline, metric);
    if (!baseline.verified || ofTest !== (split === "test") || value === undefined) continue;
    if (best === undefined || sign * value > sign * best.value)
      best = {
        metric: name,
        value,
        name: baseline.model,
        ...(baseline.source === "" ? {} : { source: baseline.source }),
      };
  }
  return best;
}

/**
 * Floors of a run: those that the recipe states, and for every other metric of the evaluation the card's.
 *
 * @param stated by the recipe
 */
export function floorsOf(
  stated: readonly {
    readonly metric: string;
    readonly value: number;
    readonly name: string;
    readonly source?: string | undefined;
  }[],
  metrics: Readonly<Record<string, Metric>>,
  card: DatasetCard,
  split: string,
): Floor[] {
  const own = stated.map(({ source, ...rest }) => ({ ...rest, ...(source === undefined ? {} : { source }) }));
  const known = new Set(own.map(({ metric }) => metric));
  const ofCard = Object.entries(metrics).flatMap(([name, metric]) => {
    const floor = known.has(name) ? undefined : floorOfCard(card, name, metric, split);
    return floor === undefined ? [] : [floor];
  });
  return [...own, ...ofCard];
}
