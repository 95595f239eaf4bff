import { VesaliusError } from "../../common/errors.ts";
import type { ChatModel } from "../../generation/index.ts";

/** A model whose use is counted. */
export interface WatchedModel {
  readonly model: ChatModel;
  /** Requests, and tokens as far as the model says. */
  readonly counts: Readonly<Record<"asked" | "promptTokens" | "answerTokens", number>>;
  /** Whether an error is the model's own saying that a conversation does not fit into it. */
  readonly isTooLong: (error: unknown) => boolean;
}

/** Counts what a model is asked, and remembers which errors are about conversations that are longer than its context. */
export function watchedModel(model: ChatModel): WatchedModel {
  const counts = { asked: 0, promptTokens: 0, answerTokens: 0 };
  const tooLong = new WeakSet<object>();
  async function watch<Result>(work: () => Promise<Result>): Promise<Result> {
    counts.asked++;
    try {
      return await work();
    } catch (error) {
      if (error instanceof VesaliusError && error.code === "bad-data") tooLong.add(error);
      throw error;
    }
  }
  return {
    counts,
    isTooLong: (error) => typeof error === "object" && error !== null && tooLong.has(error),
    model: {
      name: model.name,
      complete: (messages, options) =>
        watch(async () => {
          const found = await model.complete(messages, options);
          counts.promptTokens += found.usage.promptTokens ?? 0;
          counts.answerTokens += found.usage.completionTokens ?? 0;
          return found;
        }),
      ...(model.likelihoods === undefined
        ? {}
        : {
            likelihoods: (messages, answers, options) => watch(() => model.likelihoods!(messages, answers, options)),
          }),
      release: () => model.release(),
    },
  };
}
