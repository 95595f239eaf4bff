import type { NetworkSuggestion, RoleFacts } from "../network.ts";

/** Tokens of a text for each of its words, special ones aside. */
const tokensPerWord = 1.4;
/** Tokens beyond which attention over all of them takes too long for a plan. */
const mostTokens = 512;
/** Tokens of a sequence from which places of several tokens pay. */
const longSequence = 200;

const upTo = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** A small encoder of texts, sequences or molecules, long enough for nearly all of them. */
export function suggestBert({ text }: Readonly<Record<string, RoleFacts>>): NetworkSuggestion | undefined {
  if (text === undefined) return undefined;
  const perUnit = text.kind === "texts" ? tokensPerWord : 1;
  const length = Math.min(mostTokens, Math.max(16, upTo(Number(text["longLength"]) * perUnit + 2, 16)));
  const unit = text.kind === "texts" ? "words" : "letters";
  const isLongSequence = text.kind === "sequences" && length > longSequence;
  return {
    preset: "micro",
    settings: {
      maximumPositions: length,
      pooling: "mean",
      dropout: 0.1,
      ...(isLongSequence ? { stem: {}, positions: "relative" } : {}),
    },
    reasons: {
      maximumPositions: `98% of them have at most ${String(text["longLength"])} ${unit}`,
      ...(isLongSequence ? { stem: "convolutions make places of several letters, as motifs are longer than one" } : {}),
    },
  };
}
