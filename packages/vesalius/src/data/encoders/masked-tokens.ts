import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { encoderEntry } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { maskTokens } from "./tokens/mask-tokens.ts";
import type { PreparedTokens } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { tokenInputs, writeTokens } from "./tokens/write-tokens.ts";
import { tokenEncoder } from "./tokens.ts";

const share = z.number().min(0).max(1);

const settingsSchema = z
  .strictObject({
    /** The tokens that are learned from. */
    of: tokensSpecSchema,
    /** Share of the tokens that is hidden, in (0, 1); of tokens that overlap, fewer are predicted. */
    maskRatio: z.number().gt(0).lt(1).default(0.15),
    /** What is hidden together: single tokens, whole words, spans of whole words. */
    unit: z.enum(["token", "wholeWord", "span"]).default("wholeWord"),
    /** Mean length of a span in words; k-mers and single letters are words. */
    spanLength: z.number().min(1).default(3),
    /** What stands in place of a hidden token: the mask, a random token, the token itself. */
    replace: z.strictObject({ mask: share, random: share, keep: share }).default({ mask: 0.8, random: 0.1, keep: 0.1 }),
  })
  .refine(({ replace: { mask, random, keep } }) => Math.abs(mask + random + keep - 1) < 1e-9, {
    error: "the shares are 1 together",
    path: ["replace"],
  });

/**
 * Tokens with some hidden, and what these are: the inputs of `tokens`, and `labels` int32 `[rows, length]`, -1 where
 * nothing is predicted (Devlin et al. 2019; whole words: Cui et al. 2019; spans: Joshi et al. 2020). Special and unknown
 * tokens are never predicted. No predicted token shares a letter with one that shows, so that overlapping k-mers do not
 * give themselves away.
 */
export const maskedTokens = encoderEntry({
  name: "maskedTokens",
  summary: "Tokens of which some are hidden and to be predicted.",
  paper: "Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
  settings: settingsSchema,
  create: ({ of, ...masking }) =>
    tokenEncoder(of, ({ table }) => {
      if (masking.replace.mask > 0 && table.mask === undefined)
        throw new VesaliusError("bad-configuration", "the tokenizer has no mask token to hide others with", {
          where: "encoder maskedTokens",
          fix: "name one in the tokenizer's special tokens, or replace tokens by random ones",
        });
      return {
        inputs: (rows, length) => ({
          ...tokenInputs(of, rows, length),
          labels: { dtype: "int32", shape: [rows, length] },
        }),
        encode(examples, into, { extent, random }) {
          into["labels"]!.fill(-1);
          examples.forEach((values, row) => {
            if (values === null) return;
            const { shown, labels } = maskTokens(values[0] as PreparedTokens, masking, random(row));
            writeTokens(shown, into, row, extent);
            into["labels"]!.set(labels, row * extent);
          });
        },
      };
    }),
  fit: async (given, columns, context) => ({
    ...given,
    of: { ...(await fitTokens(given.of, columns, context)), name: "tokens" as const },
  }),
});
