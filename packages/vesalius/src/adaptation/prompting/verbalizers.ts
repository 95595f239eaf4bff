import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Message } from "../../data/index.ts";
import type { Prompting, PromptingSession } from "./prompting.ts";
import { messagesOf, type Question } from "./question.ts";

const settingsSchema = z.strictObject({
  /** Words that stand for a choice, by the choice; the choice itself where it is left out. */
  words: z.record(z.string(), z.string().min(1)).optional(),
  /** Whether what the model says of texts without content is divided out (contextual calibration). */
  calibrate: z.boolean().default(true),
  /** Texts without content. */
  contentFree: z.array(z.string().min(1)).min(1).default(["N/A", "...", "[MASK]"]),
  /** Whether the likelihood of a choice is the mean over its tokens, so that long ones are not put at a disadvantage. */
  perToken: z.boolean().default(false),
});

/** Probabilities of log-likelihoods. */
function softmaxOf(logits: readonly number[]): Float32Array {
  const largest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return Float32Array.from(exponentials, (value) => value / sum);
}

/**
 * Choices by how likely a model finds the words that stand for each (verbalizers, Schick and Schütze 2021), what it says of
 * texts without content divided out (contextual calibration, Zhao et al. 2021).
 */
export const verbalizers = entry({
  name: "verbalizers",
  summary: "The likelihood of the word for each choice, the model's prior divided out.",
  paper: "Zhao et al. 2021, Calibrate Before Use",
  settings: settingsSchema,
  create: (settings): Prompting => ({
    name: "verbalizers",
    settings,
    async open({ model, spoken, asking, signal }: PromptingSession) {
      if (model.likelihoods === undefined)
        throw new VesaliusError("bad-configuration", `${model.name} does not say how likely an answer is`, {
          where: "method verbalizers",
          fix: "use a model of our own, or another way of prompting",
        });
      if (spoken.choices === undefined || spoken.chosen === undefined)
        throw new VesaliusError("bad-configuration", "the task has no choices whose likelihood could be compared", {
          where: "method verbalizers",
        });
      const wordOf = (choice: string): string => settings.words?.[choice] ?? choice;
      const scores = async (messages: readonly Message[], choices: readonly string[]): Promise<number[]> => {
        const found = await model.likelihoods!(messages, choices.map(wordOf), signal === undefined ? {} : { signal });
        return found.map(({ logProbability, tokens }) =>
          settings.perToken ? logProbability / Math.max(1, tokens) : logProbability,
        );
      };
      const said = (question: Question) => messagesOf(`${question.shown}\n\n${question.asked}`, asking);
      const priors = new Map<string, Promise<number[]>>();
      /** What is said of the choices where there is nothing to see, the mean over several such texts. */
      const prior = (question: Question, choices: readonly string[]): Promise<number[]> => {
        const key = JSON.stringify([question.asked, choices]);
        const known =
          priors.get(key) ??
          (async () => {
            const sums = choices.map(() => 0);
            for (const shown of settings.contentFree) {
              const probabilities = softmaxOf(await scores(said({ ...question, shown }), choices));
              probabilities.forEach((value, i) => (sums[i]! += value / settings.contentFree.length));
            }
            return sums.map((value) => Math.log(Math.max(value, 1e-12)));
          })();
        priors.set(key, known);
        return known;
      };
      return async (question) => {
        const choices = question.choices!;
        const found = await scores(said(question), choices);
        const before = settings.calibrate ? await prior(question, choices) : choices.map(() => 0);
        const probabilities = softmaxOf(found.map((score, i) => score - before[i]!));
        return { answer: spoken.chosen!(probabilities, question.example) };
      };
    },
  }),
});
