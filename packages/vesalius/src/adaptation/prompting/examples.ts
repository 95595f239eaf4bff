import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { neighboursOf, turnsOf } from "./neighbours.ts";
import { type Prompting, replyOf } from "./prompting.ts";
import { messagesOf, wordsOf } from "./question.ts";
import { maximumTokensSchema } from "./zero-shot.ts";

const settingsSchema = z.strictObject({
  /** Solved examples in front of the question, those most like it. */
  examples: z.int().positive().max(64).default(4),
  /** Most tokens of an answer. */
  maximumTokens: maximumTokensSchema,
});

/** Solved training examples that are most like the question in front of it (Liu et al. 2022, kNN-selected examples). */
export const nearestExamples = entry({
  name: "nearestExamples",
  summary: "The most similar solved examples in front of the question.",
  paper: "Liu et al. 2022, What Makes Good In-Context Examples for GPT-3?",
  settings: settingsSchema,
  create: ({ examples, maximumTokens }): Prompting => ({
    name: "nearestExamples",
    settings: { examples, maximumTokens },
    open({ model, spoken, asking, train, signal }) {
      const neighbours = neighboursOf(train, "nearestExamples");
      return Promise.resolve(async (question) => {
        const before = turnsOf(neighbours(question, examples), ({ said }) => said);
        const { text } = await model.complete(messagesOf(wordsOf(question), asking, before), {
          maximumTokens,
          ...(signal === undefined ? {} : { signal }),
        });
        return replyOf(spoken.hear(text, question.example));
      });
    },
  }),
});
