import { formatCount, numberColumn, type ReportSection } from "../../report/index.ts";
import type { Basis, Evaluation, Metric, OverParts, Statistic } from "../evaluation.ts";
import { bleuOfCounts } from "../metrics/text/bleu.ts";
import { chrfOfCounts, chrfStatisticOfCounts } from "../metrics/text/chrf.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";
import { describeTexts, type TextsDetails, textsDetailsSchema } from "./details.ts";
import { measureText, type TextMeasure, type TextsSettings, type TextTruth, type WrittenText } from "./measure.ts";

const share = { better: "higher", range: [0, 1] } as const;

const metrics = {
  rouge1: {
    label: "ROUGE-1",
    ...share,
    proportion: true,
    aliases: ["rouge-1", "rouge1 f1"],
    meaning: "Mean F1 of the words that text and reference share.",
  },
  rouge2: {
    label: "ROUGE-2",
    ...share,
    proportion: true,
    aliases: ["rouge-2"],
    meaning: "Mean F1 of the pairs of neighbouring words that text and reference share.",
  },
  rougeL: {
    label: "ROUGE-L",
    ...share,
    proportion: true,
    aliases: ["rouge-l"],
    meaning: "Mean F1 of the longest run of words, with gaps, that text and reference share.",
  },
  chrf: {
    label: "chrF",
    ...share,
    aliases: ["chrf corpus"],
    meaning: "F-score of character n-grams up to 6 over all texts together, recall counting twice (sacreBLEU).",
  },
  chrfMean: {
    label: "chrF, mean",
    ...share,
    proportion: true,
    meaning: "Mean over the texts of the chrF of each.",
  },
  bleu: {
    label: "BLEU",
    ...share,
    meaning: "Geometric mean of how many 1- to 4-grams a reference has too, over all texts, less for being short.",
  },
  supported: {
    label: "Supported sentences",
    ...share,
    proportion: "share",
    meaning:
      "Share of the written sentences whose numbers, and at least four in five content words, stand in what they are made from.",
  },
  cutOff: {
    label: "Cut off",
    better: "lower",
    range: [0, 1],
    proportion: "share",
    meaning: "Share of the texts that had not ended when there was no more room.",
  },
} as const satisfies Record<string, Metric>;

function statistic(measures: readonly TextMeasure[], tokens: TextsSettings["tokens"]): Statistic {
  const bleu = bleuOfCounts(
    measures.map((one) => one.bleu),
    { tokenization: tokens === "characters" ? "zh" : "13a" },
  );
  const chrf = chrfStatisticOfCounts(measures.map((one) => one.chrf));
  const columns = {
    rouge1: measures.map(({ rouge1 }) => rouge1),
    rouge2: measures.map(({ rouge2 }) => rouge2),
    rougeL: measures.map(({ rougeL }) => rougeL),
    chrfMean: measures.map((one) => chrfOfCounts(one.chrf)),
    cutOff: measures.map(({ cut }) => cut),
  };
  const sourced = measures.some(({ sentences }) => sentences !== null);
  return (weights) => {
    const weighted = (value: (one: TextMeasure) => number): number =>
      measures.reduce((sum, one, row) => sum + (weights?.[row] ?? 1) * value(one), 0);
    const means = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, weightedMean(values, weights)]),
    );
    return {
      metrics: {
        ...means,
        chrf: chrf(weights),
        bleu: bleu(weights).score,
        ...(sourced
          ? {
              supported:
                weighted(({ sentences }) => sentences?.supported ?? 0) /
                weighted(({ sentences }) => sentences?.all ?? 0),
            }
          : {}),
      },
    };
  };
}

/** Only texts with a sentence say anything about how many are supported. */
const restsOn = (measures: readonly TextMeasure[]): OverParts<Basis> => ({
  metrics: { supported: { sets: [measures.map(({ sentences }) => ((sentences?.all ?? 0) > 0 ? 1 : 0))] } },
});

function sections({ examples, withoutText, cutOff }: TextsDetails): readonly ReportSection[] {
  if (examples.length === 0) return [];
  return [
    { kind: "heading", title: "Written texts" },
    {
      kind: "table",
      title: "Texts from the least to the most like their references",
      columns: [{ label: "Case" }, { label: "Reference" }, { label: "Written" }, numberColumn("ROUGE-L")],
      rows: examples.map(({ id, truth, answer, rougeL }) => [id, truth, answer ?? "–", rougeL.toFixed(3)]),
      note: `${formatCount(withoutText)} without a text, ${formatCount(cutOff)} cut off for want of room.`,
    },
  ];
}

/**
 * Texts that were written, against references: ROUGE, chrF and BLEU, and how many sentences rest on what they were made
 * from. A case is a text, which is what is resampled, by document or patient where the data say which belong together.
 * Words in common say that a text is like its reference, not that it is true.
 *
 * @example
 * const evaluation = textsEvaluation();
 * evaluation.measure({ references: ["No fever."] }, { text: "No fever." }).rougeL; // 1
 */
export function textsEvaluation(
  settings: TextsSettings = {},
): Evaluation<TextTruth, WrittenText, TextMeasure, TextsDetails> {
  return {
    kind: "texts",
    metrics,
    headline: ["rougeL", "rouge1", "rouge2", "chrf", "bleu", "supported"],
    ofSubgroups: ["rougeL", "chrf"],
    measure: (truth, answer) => measureText(truth, answer, settings),
    statistic: (measures) => statistic(measures, settings.tokens),
    restsOn,
    whyUndefined: () => "no text with a sentence whose source is known",
    details: textsDetailsSchema,
    describe: describeTexts,
    sections,
  };
}
