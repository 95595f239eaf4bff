import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { sentencesOf } from "../../evaluation/index.ts";
import { type Prompting, replyOf } from "./prompting.ts";
import { messagesOf } from "./question.ts";

const settingsSchema = z.strictObject({
  /** What asks which sentences matter; they are listed with numbers. */
  select: z
    .string()
    .min(1)
    .default("Which of these sentences does a patient need to know? Answer with their numbers, parted by commas."),
  /** What asks to write them in plain words. */
  simplify: z
    .string()
    .min(1)
    .default("Write this in plain words that a patient understands. Keep every number and every no and not."),
  /** Most tokens of the plain text. */
  maximumTokens: z.int().positive().default(512),
});

/**
 * Simplification in two steps, as NapSS (Lu et al. 2023): first the sentences that matter are chosen, then they are written
 * in plain words, in their order.
 */
export const twoStepSimplification = entry({
  name: "twoStepSimplification",
  summary: "Chooses the sentences that matter, then writes them in plain words.",
  paper: "Lu et al. 2023, NapSS: Paragraph-level Medical Text Simplification",
  settings: settingsSchema,
  create: (settings): Prompting => ({
    name: "twoStepSimplification",
    settings,
    open: ({ model, spoken, asking, signal }) =>
      Promise.resolve(async (question) => {
        const options = signal === undefined ? {} : { signal };
        const sentences = sentencesOf(question.shown);
        const listed = sentences.map((sentence, i) => `${i + 1}. ${sentence}`).join("\n");
        const chosen = await model.complete(messagesOf(`${listed}\n\n${settings.select}`, asking), {
          maximumTokens: 64,
          ...options,
        });
        const numbers = new Set((chosen.text.match(/\d+/g) ?? []).map(Number));
        const kept = sentences.filter((_, i) => numbers.has(i + 1));
        // Where no sentence is named, all of them matter.
        const narrative = (kept.length === 0 ? sentences : kept).join(" ");
        const { text } = await model.complete(messagesOf(`${narrative}\n\n${settings.simplify}`, asking), {
          maximumTokens: settings.maximumTokens,
          ...options,
        });
        return replyOf(spoken.hear(text, question.example));
      }),
  }),
});
