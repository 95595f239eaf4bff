import { z } from "zod";
import { fieldsOfTurn, type PromptTurn, promptTurnSchema } from "../../data/index.ts";
import type { Backbone } from "../../models/index.ts";
import { columnsOf } from "../roles.ts";

/** A prompt as one template, or one for each turn. */
export const promptSchema = z.union([z.string().min(1), z.array(promptTurnSchema).min(1)]);

/** Settings of writing texts. */
export const generationSchema = z.strictObject({
  /** Role whose tokens are read and written. */
  role: z.string().default("text"),
  /** Column of the text that is to be written, or of conversations whose last turn of the model is. */
  column: z.string().default("answer"),
  /**
   * What is said to the model: one template, or several turns, with `{column}` for the value of a column; `{ turns: column }`
   * stands for those of a conversation. The columns that the role reads, a line break between them, where it is left out.
   */
  prompt: promptSchema.optional(),
  /**
   * Column that gives way where a prompt is too long: the end of a text, the oldest turns of a conversation. Without it such
   * a prompt is refused.
   */
  shorten: z.string().optional(),
  /** What is learned of a conversation in which the model speaks several times: every turn of its, or the last one. */
  learn: z.enum(["turns", "last"]).default("turns"),
  /** Most tokens of an answer: longer ones are cut in training, and a prompt leaves this much room. */
  maximumAnswerTokens: z.int().positive().default(128),
  /** Columns that what is written has to rest on, for the share of supported sentences; those of the prompt by default. */
  source: z.array(z.string()).min(1).optional(),
  /** What metrics count as a word: English words, or characters for languages without spaces. */
  words: z.enum(["words", "characters"]).default("words"),
});

/** Settings of writing texts. */
export type GenerationSettings = z.output<typeof generationSchema>;

/** Turns of the prompt, and the columns that they hold. */
export interface PromptShape {
  readonly turns: readonly PromptTurn[];
  readonly columns: readonly string[];
}

/** The prompt of a task: its own, or the columns that the role reads. */
export function promptOf(
  { prompt, role }: Pick<GenerationSettings, "prompt" | "role">,
  backbone?: Backbone,
): PromptShape {
  const given =
    prompt ?? (backbone === undefined ? [role] : columnsOf(backbone, role)).map((column) => `{${column}}`).join("\n");
  const turns = typeof given === "string" ? [{ role: "user" as const, content: given }] : given;
  return { turns, columns: [...new Set(turns.flatMap(fieldsOfTurn))] };
}

/** Speaker whose turns are the model's where a column of conversations is answered. */
export function speakerOf({ prompt, column }: Pick<GenerationSettings, "prompt" | "column">): string {
  const turns =
    typeof prompt === "object" ? prompt.find((turn) => "turns" in turn && turn.turns === column) : undefined;
  return turns !== undefined && "turns" in turns ? turns.speaker : "assistant";
}
