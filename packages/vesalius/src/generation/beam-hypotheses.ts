import type { GeneratedSequence } from "./write-tokens.ts";

/** A finished text with its rank. */
export type Hypothesis = GeneratedSequence & { readonly score: number };

/** How beam search values lengths and when it stops; see `searchSchema`. */
export interface BeamRules {
  readonly beams: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | "never";
  readonly maximumNewTokens: number;
}

/** The best finished texts of one prompt, at most as many as beams. */
export class BeamHypotheses {
  readonly #rules: BeamRules;
  #best: Hypothesis[] = [];

  constructor(rules: BeamRules) {
    this.#rules = rules;
  }

  /** Value of a text: its log-probability divided by a power of its length. */
  value(logProbability: number, length: number): number {
    return logProbability / length ** this.#rules.lengthPenalty;
  }

  /** The finished texts, the best first. */
  get best(): readonly Hypothesis[] {
    return this.#best;
  }

  add(hypothesis: Hypothesis): void {
    this.#best = [...this.#best, hypothesis].sort((a, b) => b.score - a.score).slice(0, this.#rules.beams);
  }

  /**
   * Whether the search can end (transformers' `BeamHypotheses.is_done`).
   *
   * @param running highest log-probability of the texts that could go on
   * @param length their number of new tokens
   */
  isDone(running: number, length: number): boolean {
    const { beams, earlyStopping, lengthPenalty, maximumNewTokens } = this.#rules;
    if (this.#best.length < beams) return false;
    if (earlyStopping === true) return true;
    // A log-probability only falls; with a positive penalty its quotient can still rise until the largest length.
    const horizon = earlyStopping === "never" && lengthPenalty > 0 ? maximumNewTokens : length;
    return this.#best.at(-1)!.score >= this.value(running, horizon);
  }
}
