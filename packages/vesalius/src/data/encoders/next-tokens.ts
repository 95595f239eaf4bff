import { z } from "zod";
import { encoderEntry } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import type { PreparedTokens } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { tokenInputs, writeTokens } from "./tokens/write-tokens.ts";
import { tokenEncoder } from "./tokens.ts";

const settingsSchema = z
  .strictObject({
    /** The tokens that are learned from. */
    of: tokensSpecSchema,
    /** All tokens are predicted, or of a pair (an instruction and its answer) only those behind the first text. */
    predict: z.enum(["all", "second"]).default("all"),
  })
  .refine(({ of, predict }) => of.pair || predict === "all", {
    error: "there is a second text in a pair only",
    path: ["predict"],
  });

/** Ids of the tokens that come next, -1 at the end and where nothing is predicted. */
function nextOf({ ids, sequenceIds }: PreparedTokens, predict: "all" | "second"): Int32Array {
  const start = predict === "all" ? 0 : sequenceIds.indexOf(1);
  return ids.map((_, token) => (token + 1 < ids.length && start >= 0 && token + 1 >= start ? ids[token + 1]! : -1));
}

/**
 * Tokens and what comes next: the inputs of `tokens`, and `labels` int32 `[rows, length]`, at each place the id of the
 * token behind it, -1 at the last one and on padding (Radford et al. 2018).
 */
export const nextTokens = encoderEntry({
  name: "nextTokens",
  summary: "Tokens with the next token of each as its label.",
  paper: "Radford et al. 2018, Improving Language Understanding by Generative Pre-Training",
  settings: settingsSchema,
  create: ({ of, predict }) =>
    tokenEncoder(of, () => ({
      inputs: (rows, length) => ({
        ...tokenInputs(of, rows, length),
        labels: { dtype: "int32", shape: [rows, length] },
      }),
      encode(examples, into, { extent }) {
        into["labels"]!.fill(-1);
        examples.forEach((values, row) => {
          if (values === null) return;
          const prepared = values[0] as PreparedTokens;
          writeTokens(prepared, into, row, extent);
          into["labels"]!.set(nextOf(prepared, predict), row * extent);
        });
      },
    })),
  fit: async (given, columns, context) => ({
    ...given,
    of: { ...(await fitTokens(given.of, columns, context)), name: "tokens" as const },
  }),
});
