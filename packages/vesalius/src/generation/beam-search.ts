import { BeamHypotheses, type BeamRules, type Hypothesis } from "./beam-hypotheses.ts";
import type { LanguageModel } from "./language-model.ts";
import { largest } from "./largest-first.ts";
import type { GenerationSettings } from "./options.ts";
import { logSoftmax } from "./probabilities.ts";
import { applyProcessors, constraints, type LogitsProcessor } from "./processors/index.ts";
import { finishReason, noTokenLeft, throwIfAborted } from "./stopping.ts";

/** A text that beam search follows. */
interface Beam {
  readonly written: readonly number[];
  /** Sum of processed log-probabilities; `-Infinity` for a place that no text fills. */
  readonly total: number;
  /** Sum of the model's own log-probabilities. */
  readonly logProbability: number;
  /** Beam of the same prompt that it goes on from. */
  readonly parent: number;
}

const nobody = (parent: number): Beam => ({ written: [0], total: -Infinity, logProbability: -Infinity, parent });

/** The best texts that are one token longer, the best first. */
function candidates(
  beams: readonly Beam[],
  logits: readonly Float32Array[],
  context: readonly number[],
  processors: readonly LogitsProcessor[],
  count: number,
): Beam[] {
  const found = beams.flatMap(({ written, total, logProbability }, parent) => {
    if (total === -Infinity) return [];
    const raw = logSoftmax(logits[parent]!);
    const scores = applyProcessors(processors, raw, { tokens: [...context, ...written], written: written.length });
    return largest(scores, count)
      .filter((token) => scores[token] !== -Infinity)
      .map((token): Beam => ({
        written: [...written, token],
        total: total + scores[token]!,
        logProbability: logProbability + raw[token]!,
        parent,
      }));
  });
  // Sorting is stable: equal ones stay in the order of their beams.
  return found.sort((a, b) => b.total - a.total).slice(0, count);
}

/** The search of one prompt. */
class PromptSearch {
  readonly #settings: GenerationSettings;
  readonly #rules: BeamRules;
  readonly #context: readonly number[];
  readonly #processors: readonly LogitsProcessor[];
  readonly #hypotheses: BeamHypotheses;
  beams: readonly Beam[];
  done = false;

  constructor(settings: GenerationSettings, rules: BeamRules, context: readonly number[]) {
    this.#settings = settings;
    this.#rules = rules;
    this.#context = context;
    this.#processors = constraints(settings);
    this.#hypotheses = new BeamHypotheses(rules);
    // All beams start as the same prompt; only one of them counts, or all would follow the same text.
    this.beams = Array.from({ length: rules.beams }, (_, i) =>
      i === 0 ? { written: [], total: 0, logProbability: 0, parent: 0 } : nobody(i),
    );
  }

  /** Makes every beam one token longer. */
  advance(logits: readonly Float32Array[]): void {
    const { beams: width } = this.#rules;
    // Each beam can end in so many ways; with as many candidates more, enough are left to go on.
    const endings = this.#settings.endTokens.length + this.#settings.stopSequences.length;
    const count = Math.max(2, 1 + endings) * width;
    const found = candidates(this.beams, logits, this.#context, this.#processors, count);
    const running: Beam[] = [];
    for (const [rank, candidate] of found.entries()) {
      const finish = finishReason(candidate.written, { ...this.#settings, maximumNewTokens: Infinity });
      if (finish === undefined) running.push(candidate);
      else if (rank < width) this.#finish(candidate, finish);
      if (running.length === width) break;
    }
    const [first] = found;
    if (first === undefined) {
      if (this.best.length === 0) noTokenLeft(this.beams[0]!.written.length);
      this.done = true;
      return;
    }
    const { length } = first.written;
    this.done = this.#hypotheses.isDone(first.total, length);
    if (length >= this.#settings.maximumNewTokens && !this.done) {
      for (const beam of running) this.#finish(beam, "length");
      this.done = true;
    }
    this.beams = Array.from({ length: width }, (_, i) => running[i] ?? nobody(i));
  }

  /** The finished texts, the best first. */
  get best(): readonly Hypothesis[] {
    return this.#hypotheses.best;
  }

  #finish({ written, total, logProbability }: Beam, finish: Hypothesis["finish"]): void {
    const score = this.#hypotheses.value(total, written.length);
    this.#hypotheses.add({ tokens: written, finish, logProbability, score });
  }
}

/**
 * Beam search (as `generate` of transformers with `num_beams`): follows the texts of highest log-probability for each
 * prompt. Candidates that end leave the beam when they are among the best, and compete by their value.
 *
 * @returns the best sequences of each prompt, the best first
 */
export async function beamSearch(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  settings: GenerationSettings,
  rules: BeamRules & { readonly sequences: number },
  signal?: AbortSignal,
): Promise<readonly (readonly Hypothesis[])[]> {
  throwIfAborted(signal, 0);
  const { beams: width } = rules;
  const searches = prompts.map((prompt) => new PromptSearch(settings, rules, model.context(prompt)));
  const texts = await model.begin(prompts, width);
  try {
    for (let count = 1; ; count++) {
      searches.forEach((search, i) => {
        if (!search.done) search.advance(texts.logits.slice(i * width, (i + 1) * width));
      });
      if (searches.every(({ done }) => done)) break;
      throwIfAborted(signal, count);
      const followed = searches.flatMap(({ beams }) => beams);
      await texts.append(
        followed.map(({ written }) => written.at(-1)!),
        followed.map(({ parent }, i) => i - (i % width) + parent),
      );
    }
  } finally {
    texts.release();
  }
  return searches.map(({ best }) => best.slice(0, rules.sequences));
}
