import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import type { LanguageModel } from "./language-model.ts";

const tokenSchema = z.int().nonnegative();
const sequencesSchema = z.int().positive().default(1);

/** How the next token is chosen. */
export const searchSchema = z.discriminatedUnion("method", [
  /** The most likely token at each step. */
  z.strictObject({ method: z.literal("greedy") }),
  /** Drawn by its probability. */
  z.strictObject({
    method: z.literal("sample"),
    /** Divides the logits: below 1 bolder, above 1 more varied. */
    temperature: z.number().positive().default(1),
    /** Only among this many most likely tokens. */
    topK: z.int().positive().optional(),
    /** Only among the fewest most likely tokens that have this probability together. */
    topP: z.number().gt(0).lte(1).optional(),
    /** Sequences for each prompt. */
    sequences: sequencesSchema,
  }),
  /** Beam search: several candidates for each prompt, of which the best go on. */
  z.strictObject({
    method: z.literal("beam"),
    beams: z.int().positive().default(4),
    /** A finished text is valued by its log-probability divided by its length to this power; more than 0 favours long ones. */
    lengthPenalty: z.number().default(1),
    /**
     * When to stop once there are as many finished texts as beams: `true` at once, `false` when the best candidate would
     * not make it among them if it ended now, `"never"` when no candidate can make it any more.
     */
    earlyStopping: z.union([z.boolean(), z.literal("never")]).default(false),
    /** How many of the finished texts to return, the best first; at most as many as beams. */
    sequences: sequencesSchema,
  }),
]);

/** Options of `generate`. */
export const generationOptionsSchema = z.strictObject({
  search: searchSchema.default({ method: "greedy" }),
  /** Most tokens to write. By default 128, or fewer where the model's context ends before. */
  maximumNewTokens: z.int().positive().optional(),
  /** No end token before this many tokens. */
  minimumNewTokens: z.int().nonnegative().default(0),
  /** Makes tokens that the text has less likely; 1 does not. */
  repetitionPenalty: z.number().positive().default(1),
  /** No sequence of this many tokens occurs twice in a text. */
  noRepeatNgram: z.int().positive().optional(),
  /** Tokens that end a text; they stay its last token. */
  endTokens: z.array(tokenSchema).default([]),
  /** Sequences of tokens that end a text; they stay at its end. */
  stopSequences: z.array(z.array(tokenSchema).min(1)).default([]),
  /** Names the random numbers of sampling; equal seeds give equal texts. */
  seed: z.int().nonnegative().default(0),
});

/** Options of `generate`, everything but what differs from the defaults left out. */
export type GenerationOptions = z.input<typeof generationOptionsSchema> & {
  /** Stops between two tokens; what was written until then is lost, other than to a stream's reader. */
  readonly signal?: AbortSignal;
};

/** Options with every default in place, checked against a model and prompts. */
export type GenerationSettings = Omit<z.output<typeof generationOptionsSchema>, "maximumNewTokens"> & {
  readonly maximumNewTokens: number;
};

const defaultNewTokens = 128;

const refuse = (what: string, where: string, fix: string): never => {
  throw new VesaliusError("bad-argument", what, { where, fix });
};

function checkTokens(tokens: readonly number[], vocabularySize: number, where: string): void {
  const foreign = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
  if (foreign !== undefined)
    refuse(
      `token ${foreign} is not in the vocabulary of ${vocabularySize} tokens`,
      where,
      "check that tokenizer and model belong together",
    );
}

function checkPrompts(model: LanguageModel, prompts: readonly (readonly number[])[]): void {
  if (prompts.length === 0) refuse("there is no prompt", "prompts", "give at least one list of tokens");
  prompts.forEach((prompt, i) => {
    const where = `prompt ${i}`;
    if (prompt.length === 0)
      refuse("the prompt is empty", where, "start with at least one token, the tokenizer's start token for example");
    if (prompt.length > model.promptLength)
      refuse(`the prompt has ${prompt.length} tokens, the model reads ${model.promptLength}`, where, "shorten it");
    checkTokens(prompt, model.vocabularySize, where);
  });
}

/**
 * Checks options and prompts, and fills in defaults.
 *
 * @throws VesaliusError `bad-argument` naming the option or prompt, and what would fit
 */
export function generationSettings(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  options: Omit<GenerationOptions, "signal">,
): GenerationSettings {
  const parsed = generationOptionsSchema.safeParse(options);
  if (!parsed.success)
    throw new VesaliusError("bad-argument", `generation has no such options: ${z.prettifyError(parsed.error)}`);
  const settings = parsed.data;
  const { search, minimumNewTokens, endTokens, stopSequences } = settings;
  checkPrompts(model, prompts);
  checkTokens(endTokens, model.vocabularySize, "endTokens");
  for (const sequence of stopSequences) checkTokens(sequence, model.vocabularySize, "stopSequences");
  if (search.method === "beam" && search.sequences > search.beams)
    refuse(
      `${search.sequences} sequences of ${search.beams} beams`,
      "search.sequences",
      "ask for at most as many sequences as there are beams",
    );
  const read = Math.max(...prompts.map((prompt) => model.context(prompt).length));
  const room = model.contextLength - read;
  const { maximumNewTokens = Math.max(1, Math.min(defaultNewTokens, room)) } = settings;
  if (maximumNewTokens > room)
    refuse(
      `${read} tokens and ${maximumNewTokens} new ones are more than the model's context of ${model.contextLength}`,
      "maximumNewTokens",
      room > 0 ? `ask for at most ${room}, or shorten the prompt` : "shorten the prompt",
    );
  if (minimumNewTokens > maximumNewTokens)
    refuse(
      `at least ${minimumNewTokens} and at most ${maximumNewTokens} new tokens`,
      "minimumNewTokens",
      "ask for no more than maximumNewTokens",
    );
  return { ...settings, maximumNewTokens };
}
