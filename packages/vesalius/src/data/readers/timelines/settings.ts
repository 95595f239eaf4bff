import { z } from "zod";

/** What is predicted from a timeline, and at what time: everything later is left out of it. */
export const predictSchema = z.discriminatedUnion("what", [
  z.strictObject({
    what: z.literal("next"),
    /** Category of the events that come next. */
    category: z.string().min(1).default("condition"),
    /**
     * Days on which such events begin that become an example of a patient: the last one, each, or each in training and the
     * last in other splits. What is known before the day is what an answer is given from.
     */
    examples: z.enum(["last", "each", "eachInTraining"]).default("last"),
  }),
  z.strictObject({
    what: z.literal("outcome"),
    /** Days after time 0 (the first event, an admission) at which it is predicted. */
    at: z.number().nonnegative(),
    /** Days behind that within which it happens; any time without it. */
    horizon: z.number().positive().optional(),
    /** Codes of the outcome; what the table of persons states, or death, without them. */
    codes: z.array(z.string().min(1)).min(1).optional(),
    /** Patients who are not seen until the end of the horizon without the outcome: left out, or without it. */
    censored: z.enum(["leaveOut", "without"]).default("leaveOut"),
  }),
  // For pretraining, and for patients of whom an answer is wanted as of their last event.
  z.strictObject({
    what: z.literal("nothing"),
    /** Days after time 0 up to which events are read; all of them without it. */
    at: z.number().nonnegative().optional(),
  }),
]);

/** What is predicted from a timeline. */
export type Predict = z.output<typeof predictSchema>;

/** What is read of patients of whom an answer is wanted: all that is known, or what is known at the time of prediction. */
export const predictNow = (predict: Predict): Predict =>
  predict.what === "outcome"
    ? { what: "nothing", at: predict.at }
    : predict.what === "nothing"
      ? predict
      : { what: "nothing" };

/** Settings of every reader of timelines. */
export const timelineReaderSettings = {
  /** What is predicted, and at what time; everything later is left out of the timelines. Follows from the layout. */
  predict: predictSchema.optional(),
  /** What becomes of events before birth or more than a day after death. */
  outsideLife: z.enum(["leaveOut", "refuse"]).default("leaveOut"),
};
