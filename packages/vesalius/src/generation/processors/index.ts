import type { GenerationSettings } from "../options.ts";
import { minimumNewTokens } from "./minimum-new-tokens.ts";
import { noRepeatNgram } from "./no-repeat-ngram.ts";
import type { LogitsProcessor } from "./processor.ts";
import { repetitionPenalty } from "./repetition-penalty.ts";
import { temperature } from "./temperature.ts";
import { topK, topP } from "./truncation.ts";

export { minimumNewTokens } from "./minimum-new-tokens.ts";
export { noRepeatNgram } from "./no-repeat-ngram.ts";
export { applyProcessors, type LogitsProcessor, type TextSoFar } from "./processor.ts";
export { repetitionPenalty } from "./repetition-penalty.ts";
export { temperature } from "./temperature.ts";
export { topK, topP } from "./truncation.ts";

/** Processors that hold for every search, in the order of transformers' `generate`. */
export function constraints(settings: GenerationSettings): LogitsProcessor[] {
  const { endTokens, noRepeatNgram: size, repetitionPenalty: penalty } = settings;
  return [
    ...(penalty === 1 ? [] : [repetitionPenalty(penalty)]),
    ...(size === undefined ? [] : [noRepeatNgram(size)]),
    ...(settings.minimumNewTokens === 0 || endTokens.length === 0
      ? []
      : [minimumNewTokens(settings.minimumNewTokens, endTokens)]),
  ];
}

/** Processors that shape the distribution that tokens are drawn from; none for the other searches. */
export function samplingProcessors({ search }: GenerationSettings): LogitsProcessor[] {
  if (search.method !== "sample") return [];
  return [
    ...(search.temperature === 1 ? [] : [temperature(search.temperature)]),
    ...(search.topK === undefined ? [] : [topK(search.topK)]),
    ...(search.topP === undefined || search.topP === 1 ? [] : [topP(search.topP)]),
  ];
}
