import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { messagesOf, wordsOf } from "./question.ts";
import { type Prompting, replyOf } from "./prompting.ts";

/** Most tokens of an answer. */
export const maximumTokensSchema = z.int().positive().default(64);

const settingsSchema = z.strictObject({
  /** Most tokens of an answer. */
  maximumTokens: maximumTokensSchema,
});

/** The question alone, as a hand-written template has it; what is answered is heard as the task hears it. */
export const zeroShot = entry({
  name: "zeroShot",
  summary: "The question alone, by a hand-written template.",
  paper: "Brown et al. 2020, Language Models are Few-Shot Learners",
  settings: settingsSchema,
  create: ({ maximumTokens }): Prompting => ({
    name: "zeroShot",
    settings: { maximumTokens },
    open: ({ model, spoken, asking, signal }) =>
      Promise.resolve(async (question) => {
        const { text } = await model.complete(messagesOf(wordsOf(question), asking), {
          maximumTokens,
          ...(signal === undefined ? {} : { signal }),
        });
        return replyOf(spoken.hear(text, question.example));
      }),
  }),
});
