import { z } from "zod";
import { chatRoles, fieldsOf } from "../../tokenizers/chat/messages.ts";
import { tokensSpecSchema } from "../tokens/settings.ts";

/** A part of a prompt: a turn, with `{field}` for a column, or the turns of a column of conversations. */
export const promptTurnSchema = z.union([
  z.strictObject({ role: z.enum(chatRoles), content: z.string().min(1) }),
  z.strictObject({
    /** Field that holds the conversation. */
    turns: z.string().min(1),
    /** Speaker whose turns are the model's. */
    speaker: z.string().min(1).default("assistant"),
  }),
]);

/** A part of a prompt. */
export type PromptTurn = Readonly<z.output<typeof promptTurnSchema>>;

/** Fields that a part of a prompt holds. */
export const fieldsOfTurn = (turn: PromptTurn): readonly string[] =>
  "turns" in turn ? [turn.turns] : fieldsOf(turn.content);

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
  /**
   * Field that gives way where the prompt is too long: the end of a text, the oldest turns of a conversation. Without it
   * such a prompt is refused.
   */
  shorten: z.string().optional(),
  /** What is learned of a conversation in which the model speaks several times: every turn of its, or the last one. */
  learn: z.enum(["turns", "last"]).default("turns"),
  /** Room that a prompt leaves for its answer. Longer answers are cut in training. */
  maximumAnswerTokens: z.int().positive().default(128),
});

/** Settings of the encoder `conversation`. */
export type ConversationSettings = z.output<typeof conversationSettingsSchema>;
