import type { DatasetCard } from "../data/index.ts";
import type { Metric } from "./evaluation.ts";

/** What a simple or published method reaches, and where that is known from. */
export interface Baseline {
  readonly metric: string;
  readonly value: number;
  readonly name: string;
  readonly source?: string;
}

/** Words of a card that do not name a metric. */
const otherWords = /\b(?:official|test|validation|val|split)\b|\([^)]*\)|,/gi;

/** The value of a metric in an entry such as `metric: "AUC / accuracy", value: "0.991 / 0.956"`. */
function valueOf(entry: DatasetCard["baselines"][number], { label, aliases = [], range }: Metric): number | undefined {
  const known = new Set([label, ...aliases].map((name) => name.toLowerCase()));
  const names = entry.metric.split("/").map((name) => name.replace(otherWords, " ").trim().toLowerCase());
  const position = names.findIndex((name) => known.has(name));
  if (position < 0) return undefined;
  const text = String(entry.value).split("/")[position]?.trim() ?? "";
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return undefined;
  // Cards write shares as percentages too; what does not end at 1 is no share.
  return range[1] === 1 && value > 1 ? value / 100 : value;
}

/**
 * The strongest baseline that a dataset's card states for a metric on a split: only verified ones, and ones measured on a
 * test split only for the test split.
 *
 * @param name of the metric in its evaluation
 */
export function baselineOfCard(card: DatasetCard, name: string, metric: Metric, split: string): Baseline | undefined {
  const sign = metric.better === "higher" ? 1 : -1;
  let best: Baseline | undefined;
  for (const entry of card.baselines) {
    const ofTest = /\btest\b/i.test(entry.metric);
    const value = valueOf(entry, metric);
    if (!entry.verified || ofTest !== (split === "test") || value === undefined) continue;
    if (best === undefined || sign * value > sign * best.value)
      best = { metric: name, value, name: entry.model, ...(entry.source === "" ? {} : { source: entry.source }) };
  }
  return best;
}
