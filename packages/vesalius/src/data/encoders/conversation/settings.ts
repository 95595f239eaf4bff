import { z } from "zod";
import { chatRoles } from "../../tokenizers/chat/messages.ts";
import { tokensSpecSchema } from "../tokens/settings.ts";

/** A turn of a prompt: what is said, with `{field}` for a column. */
export const promptTurnSchema = z.strictObject({ role: z.enum(chatRoles), content: z.string().min(1) });

/** Settings of the encoder `conversation`. */
export const conversationSettingsSchema = z.strictObject({
  /** The tokens that a network reads and writes. */
  of: tokensSpecSchema,
  /** Names under which templates know the columns, in their order. */
  fields: z.array(z.string()).min(1),
  /** What is said to the model, a template for each turn. */
  prompt: z.array(promptTurnSchema).min(1),
  /** Field that holds what the model is to answer; without it the model's turn is open. */
  answer: z.string().optional(),
  /**
   * Prompt and answer in one sequence, as a causal decoder reads them, or only the prompt, as the encoder of an
   * encoder-decoder does.
   */
  form: z.enum(["continued", "separate"]).default("continued"),
  /** Field whose end is left out where the prompt is too long; without it such a prompt is refused. */
  shorten: z.string().optional(),
  /** Room that a prompt leaves for its answer. Longer answers are cut in training. */
  maximumAnswerTokens: z.int().positive().default(128),
});

/** Settings of the encoder `conversation`. */
export type ConversationSettings = z.output<typeof conversationSettingsSchema>;
