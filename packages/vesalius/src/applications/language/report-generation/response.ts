import { z } from "zod";
import { messageSchema } from "../../../data/index.ts";

const flagSchema = z.object({
  /**
   * `number` and `dose` stand nowhere in the source; `negation`: the source says the contrary; `words`: too few of its words
   * stand in the source; `model`: a trained model says that the source does not support it.
   */
  kind: z.enum(["number", "dose", "negation", "words", "model"]),
  /** Words of the sentence that it is about. */
  text: z.string(),
});

const sentenceSchema = z.object({
  text: z.string(),
  /** Whether nothing is flagged. */
  supported: z.boolean(),
  /** What it rests on, by identifier of `source`. */
  sources: z.array(z.string()),
  /** Share of its content words that these have. */
  coverage: z.number(),
  flags: z.array(flagSchema),
  /** Probability of support by the trained model, where one is given. */
  probability: z.number().optional(),
});

/** A note with where every sentence comes from. */
export const reportResponseSchema = z.object({
  template: z.string(),
  /** What wrote the sentences. */
  writer: z.string(),
  sections: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      sentences: z.array(sentenceSchema),
      /** Sentences that were written and left out as unsupported. */
      omitted: z.array(sentenceSchema),
    }),
  ),
  /** What the request holds, in order: turns as T1, T2, ..., findings as F1, ..., codes as C1, ... */
  source: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(["turn", "finding", "code"]),
      speaker: z.string().optional(),
      text: z.string(),
    }),
  ),
  /** Items that say something and that no sentence rests on. */
  unused: z.array(z.string()),
  counts: z.object({ sentences: z.int(), supported: z.int(), omitted: z.int() }),
  /** What a language model was asked, section by section, word for word. */
  prompts: z.array(z.object({ section: z.string(), messages: z.array(messageSchema) })),
  cautions: z.array(z.string()),
  notice: z.string(),
});

/** See {@link reportResponseSchema}. */
export type ReportResponse = z.output<typeof reportResponseSchema>;
/** A sentence of a note. */
export type NoteSentence = z.output<typeof sentenceSchema>;
