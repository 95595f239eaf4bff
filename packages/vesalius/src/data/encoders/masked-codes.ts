import { z } from "zod";
import { encoderEntry } from "./encoder.ts";
import { timelineEncoder } from "./timeline-tokens.ts";
import { fitTimelines } from "./timelines/fit-vocabulary.ts";
import type { PreparedTimeline } from "./timelines/read-timeline.ts";
import { timelineSpecSchema } from "./timelines/settings.ts";
import { timelineInputs, writeTimeline } from "./timelines/write-timeline.ts";
import { maskTokens } from "./tokens/mask-tokens.ts";

const share = z.number().min(0).max(1);

const settingsSchema = z
  .strictObject({
    /** The timelines that are learned from. */
    of: timelineSpecSchema,
    /** Share of the codes that is hidden, in (0, 1). */
    maskRatio: z.number().gt(0).lt(1).default(0.15),
    /** What is hidden together: single codes, or all codes of a visit. */
    unit: z.enum(["code", "visit"]).default("code"),
    /** What stands in place of a hidden code: the mask, a random code, the code itself. */
    replace: z.strictObject({ mask: share, random: share, keep: share }).default({ mask: 0.8, random: 0.1, keep: 0.1 }),
  })
  .refine(({ replace: { mask, random, keep } }) => Math.abs(mask + random + keep - 1) < 1e-9, {
    error: "the shares are 1 together",
    path: ["replace"],
  });

/**
 * Timelines with some codes hidden, and what these are: the inputs of `timelineTokens`, and `labels` int32
 * `[rows, length]`, -1 where nothing is predicted. A hidden code has no value, which would tell what it is.
 */
export const maskedCodes = encoderEntry({
  name: "maskedCodes",
  summary: "Timelines of which some codes, or whole visits, are hidden and to be predicted.",
  paper: "Li et al. 2020, BEHRT: Transformer for Electronic Health Records",
  settings: settingsSchema,
  create: ({ of, unit, maskRatio, replace }) =>
    timelineEncoder(of, {
      inputs: (rows, length) => ({
        ...timelineInputs(of, rows, length),
        labels: { dtype: "int32", shape: [rows, length] },
      }),
      encode(examples, into, { extent, random }) {
        into["labels"]!.fill(-1);
        examples.forEach((values, row) => {
          if (values === null) return;
          const prepared = values[0] as PreparedTimeline;
          const { positions, wordIds } = prepared;
          // A visit is what a word is to texts: its codes are hidden together.
          const words = unit === "code" ? wordIds : wordIds.map((word, place) => (word < 0 ? -1 : positions[place]!));
          const masking = { maskRatio, replace, unit: unit === "code" ? "token" : "wholeWord", spanLength: 1 } as const;
          const { shown, labels } = maskTokens({ ...prepared, wordIds: words }, masking, random(row));
          const valueBins = prepared.valueBins.map((bin, place) => (labels[place]! < 0 ? bin : 0));
          writeTimeline({ ...prepared, ids: shown.ids, valueBins }, into, row, extent);
          into["labels"]!.set(labels, row * extent);
        });
      },
    }),
  fit: (given, columns) =>
    Promise.resolve({ ...given, of: { ...fitTimelines(given.of, columns), name: "timelineTokens" as const } }),
});
