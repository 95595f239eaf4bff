import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";

/** Special tokens in the order of their numbers, as in BEHRT; the codes of the vocabulary follow. */
export const specialTokens = ["[PAD]", "[UNK]", "[SEP]", "[CLS]", "[MASK]"] as const;
/** Numbers of the special tokens. */
export const special: Readonly<Record<"padding" | "unknown" | "separator" | "start" | "mask", number>> = {
  padding: 0,
  unknown: 1,
  separator: 2,
  start: 3,
  mask: 4,
};

/** Bounds of the bins that the values of one code in one unit fall into. */
const edgesSchema = z.strictObject({
  code: z.string(),
  unit: z.string().nullable(),
  /** Ascending; a value is in the bin after the last bound that it reaches. */
  edges: z.array(z.number()).min(1),
});

const ascending = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value > values[i - 1]!);

/** Settings of the encoder `timelineTokens`. */
export const timelineSettingsSchema = z.strictObject({
  /** Categories of events that are read; all of them where it is left out. */
  categories: z.array(z.string().min(1)).min(1).optional(),
  /** Codes that have a token, as category, system and code with bars between; counted on the training split. */
  vocabulary: z.array(z.string()).optional(),
  /** In how many training timelines a code must occur to have a token; rarer ones are read as unknown. */
  minimumTimelines: z.int().positive().default(2),
  /** Most codes that have a token, the most frequent ones. */
  vocabularySize: z.int().positive().optional(),
  /** Most tokens of a timeline, special ones among them. */
  maximumLength: z.int().min(2).default(512),
  /** What becomes of a timeline with more tokens: the oldest are left out, or it is refused. */
  overlong: z.enum(["truncate", "refuse"]).default("truncate"),
  /** Lengths that batches may have, ascending; chosen from the data where they are left out. */
  lengths: z.array(z.int().positive()).min(1).max(16).refine(ascending, "are not ascending").optional(),
  /** Days that make one visit, for records of a single stay; visits as recorded, and days outside them, without it. */
  visitDays: z.number().positive().optional(),
  /** Of equal codes in one visit all are read, or the last. */
  repeats: z.enum(["keep", "last"]).default("last"),
  /** Unit that ages are counted in. */
  ageUnit: z.enum(["year", "month"]).default("year"),
  /** Highest age that is told apart, in years. */
  maximumAge: z.int().positive().default(110),
  /** Bins of values of each code, by quantiles of the training split; 0 reads no values. */
  valueBins: z.int().min(0).max(100).default(0),
  /** Bounds of the bins; from the training split. */
  valueEdges: z.array(edgesSchema).optional(),
});

/** Settings of the encoder `timelineTokens`. */
export type TimelineSettings = z.output<typeof timelineSettingsSchema>;

/** The encoder `timelineTokens` with its settings, as other encoders name the tokens that they build on. */
export const timelineSpecSchema = timelineSettingsSchema.safeExtend({ name: z.literal("timelineTokens") });

/** Rows of the table of ages: 0 where it is not known. */
export const ageRows = ({ maximumAge, ageUnit }: Pick<TimelineSettings, "maximumAge" | "ageUnit">): number =>
  maximumAge * (ageUnit === "year" ? 1 : 12) + 2;

/** @throws VesaliusError `bad-configuration` where the vocabulary is not known yet */
export function requireVocabulary({ vocabulary }: Pick<TimelineSettings, "vocabulary">): readonly string[] {
  if (vocabulary !== undefined) return vocabulary;
  throw new VesaliusError("bad-configuration", "the codes that have a token are not known yet", {
    fix: "fit the encoder on the training split first (prepare), or give vocabulary",
  });
}
