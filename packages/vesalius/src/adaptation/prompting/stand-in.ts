import type { Message } from "../../data/index.ts";
import type { ChatModel } from "../../generation/index.ts";
import type { ModelSource } from "./sources/source.ts";

/** What stands for an answer that nobody gave. */
export const placeholder = "[what the model answers]";

/** Thrown when enough was said. */
class Enough extends Error {}

/** A model that answers nothing, in place of the one that a source would open. */
export interface StandIn {
  readonly model: ChatModel;
  /** What it was told, in order. */
  readonly said: (readonly Message[])[];
  readonly isEnough: (error: unknown) => boolean;
}

/**
 * Stands in for a language model where nothing is to be asked: it keeps what it is told.
 *
 * @param most after how many things it has heard enough; it goes on where this is left out, and keeps nothing
 */
export function standIn({ tellsLikelihoods }: Pick<ModelSource, "tellsLikelihoods">, most?: number): StandIn {
  const said: (readonly Message[])[] = [];
  function hear(messages: readonly Message[]): void {
    if (most === undefined) return;
    said.push(messages);
    if (said.length >= most) throw new Enough();
  }
  return {
    said,
    isEnough: (error) => error instanceof Enough,
    model: {
      name: "stand-in",
      async complete(messages) {
        hear(messages);
        return { text: placeholder, finish: "end", usage: { promptTokens: null, completionTokens: null } };
      },
      ...(tellsLikelihoods
        ? {
            async likelihoods(messages: readonly Message[], answers: readonly string[]) {
              hear(messages);
              return answers.map(() => ({ logProbability: -1, tokens: 1 }));
            },
          }
        : {}),
      release: () => Promise.resolve(),
    },
  };
}
