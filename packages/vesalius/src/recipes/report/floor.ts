import type { DatasetCard, SplitName } from "../../data/index.ts";
import { metricDescriptions, type MetricName } from "../../evaluation/index.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import type { Floor } from "./run-report.ts";

/** How dataset cards write the metrics. */
const cardNames: Readonly<Record<string, MetricName>> = {
  auc: "rocAuc",
  "roc auc": "rocAuc",
  auroc: "rocAuc",
  accuracy: "accuracy",
  "balanced accuracy": "balancedAccuracy",
  "average precision": "averagePrecision",
  f1: "f1",
  "macro f1": "macroF1",
  "brier score": "brierScore",
};

/** The value of a metric in a baseline such as `metric: "AUC / accuracy", value: "0.991 / 0.956"`. */
function valueOf(baseline: DatasetCard["baselines"][number], metric: MetricName): number | undefined {
  const names = baseline.metric
    .replace(/\b(official|test|validation|val)\b/gi, "")
    .split("/")
    .map((name) => name.replaceAll(",", "").trim().toLowerCase());
  const position = names.findIndex((name) => cardNames[name] === metric);
  if (position < 0) return undefined;
  const text = String(baseline.value).split("/")[position]?.trim() ?? "";
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return undefined;
  // Cards write shares as percentages too.
  return value > 1 ? value / 100 : value;
}

/**
 * The strongest baseline that a dataset's card states for a metric on a split: only verified ones, and ones measured on
 * a test split only for the test split.
 */
export function floorOfCard(card: DatasetCard, metric: MetricName, split: SplitName): Floor | undefined {
  const sign = metricDescriptions[metric].better === "higher" ? 1 : -1;
  let best: Floor | undefined;
  for (const baseline of card.baselines) {
    const ofTest = /\btest\b/i.test(baseline.metric);
    const value = valueOf(baseline, metric);
    if (!baseline.verified || ofTest !== (split === "test") || value === undefined) continue;
    if (best === undefined || sign * value > sign * best.value)
      best = { metric, value, name: baseline.model, ...(baseline.source === "" ? {} : { source: baseline.source }) };
  }
  return best;
}

/** The floor that a recipe states, or else the card's. */
export function floorOf({ evaluation }: ResolvedRecipe, card: DatasetCard | undefined): Floor | undefined {
  const { floor, metric, split } = evaluation;
  if (floor !== undefined) return floor;
  return card === undefined ? undefined : floorOfCard(card, metric, split);
}
