import { z } from "zod";

/** What is known of a finding. */
export const findingStates = ["present", "absent", "unknown"] as const;

/** A finding by name, as the model or its synonyms call it. */
export const findingSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  state: z.enum(findingStates),
});

/** What one speaker said. */
export const turnSchema = z.strictObject({
  role: z.enum(["patient", "doctor"]),
  text: z.string().max(10_000),
  /** Finding that a question of the application asks for. */
  asks: z.string().optional(),
});

/** One dated event of a patient. */
export const eventSchema = z.strictObject({
  category: z.string().min(1),
  system: z.string().min(1),
  code: z.string().min(1),
  name: z.string().optional(),
  /** Days since any day that all events are counted from. */
  time: z.number(),
  /** Number of the visit in the order of time; events outside visits have none. */
  visit: z.int().nonnegative().optional(),
  value: z.number().optional(),
  unit: z.string().optional(),
});

/** A patient's record up to the time that is asked about. */
export const timelineSchema = z.strictObject({
  /** In the order of time. */
  events: z.array(eventSchema).min(1).max(100_000),
  /** Age in days at day 0. */
  age: z.number().optional(),
});

/** What is known of a patient: findings, a conversation or both; or a timeline. */
export const diagnosisRequestSchema = z.strictObject({
  /** What the patient says now. */
  text: z.string().trim().max(10_000).optional(),
  /** What was said before, as the response before gave it. */
  dialogue: z.array(turnSchema).max(1000).default([]),
  /** What is known otherwise; it goes before what is read from the conversation. */
  findings: z.array(findingSchema).max(1000).default([]),
  timeline: timelineSchema.optional(),
});

const evidenceSchema = z.object({
  /** A finding, words of the patient, or the code of an event. */
  name: z.string(),
  state: z.enum(findingStates).optional(),
  /** Change of the log-odds of the condition by it, in natural units: above 0 for, below 0 against. */
  weight: z.number(),
  /** Turn of the dialogue that it was read from, counted from 0. */
  turn: z.int().optional(),
  /** Days of its first and last event. */
  from: z.number().optional(),
  to: z.number().optional(),
});

const conditionSchema = z.object({
  name: z.string(),
  /** Of the conditions that a model tells apart; of codes that come next each by itself. */
  probability: z.number(),
  for: z.array(evidenceSchema),
  against: z.array(evidenceSchema),
  /** Probability as it was known on each day with events. */
  course: z.array(z.object({ time: z.number(), probability: z.number() })).optional(),
});

/** What is answered: conditions by probability with what speaks for and against them, or why there is no answer. */
export const diagnosisResponseSchema = z.object({
  /** `declined` below the stated confidence; the conditions are given all the same. */
  status: z.enum(["answered", "declined"]),
  /** What the answer rests on. */
  basis: z.enum(["findings", "text", "timeline"]),
  /** The most probable first. */
  conditions: z.array(conditionSchema),
  confidence: z.object({ probability: z.number(), threshold: z.number() }),
  /** Why nothing is answered, and what is missing. */
  reason: z.string().optional(),
  /** Findings that are not known and would tell most, the best first. */
  missing: z.array(z.string()),
  /** What to ask next; nothing where no answer would tell anything. */
  question: z
    .object({
      finding: z.string(),
      text: z.string(),
      /** Expected information about the condition, in bits. */
      gain: z.number(),
      /** Probability that the finding is there, as the model's own answers imply it. */
      probability: z.number(),
    })
    .optional(),
  /** Findings as they were understood, with the turn that each was read from. */
  findings: z.array(z.object({ name: z.string(), state: z.enum(findingStates), turn: z.int().optional() })),
  /** What was not used, and how much of it. */
  cautions: z.array(z.string()),
  /** Emergencies that the patient's words point to: to be shown before everything else. */
  emergencies: z.array(z.object({ sign: z.string(), notice: z.string() })),
  /** The conversation with this turn and the next question. */
  dialogue: z.array(turnSchema),
  notice: z.string(),
});

/** See {@link diagnosisRequestSchema}. */
export type DiagnosisRequest = z.input<typeof diagnosisRequestSchema>;
/** See {@link diagnosisResponseSchema}. */
export type DiagnosisResponse = z.output<typeof diagnosisResponseSchema>;
/** A condition with its evidence. */
export type Condition = z.output<typeof conditionSchema>;
/** What speaks for or against a condition. */
export type Evidence = z.output<typeof evidenceSchema>;
/** See {@link turnSchema}. */
export type DialogueTurn = z.output<typeof turnSchema>;
/** Present, absent or unknown. */
export type FindingState = (typeof findingStates)[number];
