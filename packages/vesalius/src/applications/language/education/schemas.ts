import { z } from "zod";
import { quoteSchema } from "../consultation/quotes.ts";

const text = z.string().trim().min(1).max(20_000);

/** One of: a question with its choices, a passage to make questions of, a text to write in plain words. */
export const educationRequestSchema = z.strictObject({
  /** Question of a multiple-choice test. */
  question: text.optional(),
  choices: z.array(text).min(2).max(26).optional(),
  /** Passage that questions are made of. */
  passage: text.optional(),
  /** Questions at most. */
  count: z.int().min(1).max(50).default(5),
  /** Text that is written in plain words. */
  text: text.optional(),
});

const readabilitySchema = z.object({
  sentences: z.int(),
  words: z.int(),
  sentenceLength: z.number(),
  fleschKincaidGrade: z.number().optional(),
  fleschReadingEase: z.number().optional(),
  colemanLiauIndex: z.number().optional(),
  note: z.string().optional(),
});

/** What was chosen, asked or written, or why nothing was. */
export const educationResponseSchema = z.object({
  status: z.enum(["answered", "declined"]),
  /** What was asked for. */
  kind: z.enum(["answer", "questions", "plain"]),
  reason: z.string().optional(),
  answer: z
    .object({
      /** Position among the choices, from 0. */
      choice: z.int(),
      text: z.string(),
      probability: z.number(),
      /** Of each choice, in the order of the request. */
      probabilities: z.array(z.number()),
      /** Orders of the choices that the probabilities are a mean over. */
      orders: z.int(),
      /** Words of documents on question and choice, unchanged; nothing where none names the choice. */
      rationale: z.array(quoteSchema),
    })
    .optional(),
  questions: z
    .array(
      z.object({
        question: z.string(),
        answer: z.string(),
        /** Where the answer stands in the passage. */
        start: z.int(),
        end: z.int(),
      }),
    )
    .optional(),
  /** Questions that were made and failed the check of their answer. */
  dropped: z.int().optional(),
  plain: z
    .object({
      text: z.string(),
      /** Whether numbers, units and negations are those of the source. */
      faithful: z.boolean(),
      differences: z.array(
        z.object({
          kind: z.enum(["number", "unit", "negation"]),
          change: z.enum(["lost", "added"]),
          what: z.string(),
        }),
      ),
      replaced: z.array(z.tuple([z.string(), z.string()])),
      before: readabilitySchema,
      after: readabilitySchema,
    })
    .optional(),
  cautions: z.array(z.string()),
  notice: z.string(),
});

/** See {@link educationRequestSchema}. */
export type EducationRequest = z.input<typeof educationRequestSchema>;
/** See {@link educationResponseSchema}. */
export type EducationResponse = z.output<typeof educationResponseSchema>;
