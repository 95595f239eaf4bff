import { VesaliusError } from "../../common/errors.ts";
import { bleuCounts, type BleuCounts } from "../metrics/text/bleu.ts";
import { chrfCounts } from "../metrics/text/chrf.ts";
import { rougeScores, type RougeTokens } from "../metrics/text/rouge.ts";
import { supportedSentences } from "./supported.ts";

/** What a text should have been. */
export interface TextTruth {
  /** Texts that would have been right, at least one. */
  readonly references: readonly string[];
  /** What the text is made from, for the share of sentences that rest on it. */
  readonly source?: string | undefined;
}

/** What was written. */
export interface WrittenText {
  readonly text: string;
  /** Natural logarithm of the probability that the model gave the text; undefined where it is not known. */
  readonly logProbability?: number | undefined;
  /** Tokens that were written; undefined where they are not known. */
  readonly tokens?: number | undefined;
  /** Whether the text was ended, and not cut off for want of room. */
  readonly finished?: boolean | undefined;
}

/** All that is kept of a text. */
export interface TextMeasure {
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
  readonly bleu: BleuCounts;
  /** `[18]` see `chrfCounts` */
  readonly chrf: readonly number[];
  /** Sentences of the text that rest on its source; null without a source. */
  readonly sentences: { readonly supported: number; readonly all: number } | null;
  /** 1 where the text was cut off. */
  readonly cut: number;
  readonly answered: number;
  /** Beginnings of what was written and what should have been, for the report. */
  readonly example: { readonly truth: string; readonly answer: string | null };
}

/** What is fixed about texts. */
export interface TextsSettings {
  /** What counts as a word: English words, or characters for languages without spaces. */
  readonly tokens?: RougeTokens | undefined;
}

const longestExample = 600;
const beginning = (text: string): string =>
  text.length <= longestExample ? text : `${text.slice(0, longestExample).trimEnd()} ...`;

/**
 * Measures one text against its references: of several, the one that it is most like counts. Without a text nothing is
 * shared.
 *
 * @throws VesaliusError `bad-data` for a case without a reference
 */
export function measureText(
  { references, source }: TextTruth,
  answer: WrittenText | null,
  { tokens = "words" }: TextsSettings = {},
): TextMeasure {
  if (references.length === 0)
    throw new VesaliusError("bad-data", "a written text has no reference to be compared with", {
      fix: "leave out cases without a reference",
    });
  const hypothesis = answer?.text ?? "";
  const scores = references.map((reference) => rougeScores(hypothesis, reference, { tokens }));
  const best = (pick: (one: (typeof scores)[number]) => number): number => Math.max(...scores.map(pick));
  const one = { hypothesis, references };
  const support = source === undefined ? undefined : supportedSentences(hypothesis, source);
  return {
    rouge1: best(({ rouge1 }) => rouge1.f1),
    rouge2: best(({ rouge2 }) => rouge2.f1),
    rougeL: best(({ rougeL }) => rougeL.f1),
    bleu: bleuCounts(one, { tokenization: tokens === "words" ? "13a" : "zh" }),
    chrf: Array.from(chrfCounts(one)),
    sentences: support === undefined ? null : { supported: support.supported, all: support.sentences },
    cut: answer?.finished === false ? 1 : 0,
    answered: answer === null ? 0 : 1,
    example: { truth: beginning(references[0]!), answer: answer === null ? null : beginning(hypothesis) },
  };
}
