import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { PreparedTokens, TokenTable } from "../encoders/tokens/read-tokens.ts";
import { HIDDEN_ROW } from "../encoders/tokens/word-features.ts";
import { TEXT_KINDS } from "../encoders/tokens.ts";
import type { ExampleTransform, Moved } from "./moved.ts";

const rate = z.number().min(0).max(1);

/** Whether a value is tokens; labels of the same text pass as they are. */
const isTokens = (value: unknown): value is PreparedTokens =>
  typeof value === "object" && value !== null && "ids" in value && "table" in value;

function requireToken(table: TokenTable, role: "unknown" | "mask", share: number): number {
  const id = table[role];
  if (id !== undefined || share === 0) return id ?? 0;
  throw new VesaliusError("bad-configuration", `the tokenizer has no ${role} token to put in place of words`, {
    where: "transform wordDropout",
    fix: `set ${role} to 0, or name the token in the tokenizer's special tokens`,
  });
}

/**
 * Random words become unknown, or are hidden with all their features, so that a network learns to read what surrounds
 * them (Iyyer et al. 2015, word dropout).
 */
export const wordDropout = entry({
  name: "wordDropout",
  summary: "Random words become unknown or are hidden.",
  paper: "Iyyer et al. 2015, Deep Unordered Composition Rivals Syntactic Methods for Text Classification",
  settings: z
    .strictObject({
      /** Share of the words that become the unknown token; their features stay. */
      unknown: rate.default(0.1),
      /** Share of the words that become the mask token, without features. */
      mask: rate.default(0.03),
    })
    .refine(({ unknown, mask }) => unknown + mask <= 1, "shares are more than 1 together"),
  create: (settings): ExampleTransform => ({
    kinds: TEXT_KINDS,
    draw:
      (_values, random) =>
      ({ value }: Moved): unknown => {
        if (!isTokens(value)) return value;
        const { wordIds, table } = value;
        const unknown = requireToken(table, "unknown", settings.unknown);
        const mask = requireToken(table, "mask", settings.mask);
        const ids = value.ids.slice();
        const features = value.features.slice();
        let drawn = 1;
        wordIds.forEach((word, token) => {
          if (word < 0) return;
          if (word !== wordIds[token - 1]) drawn = random.uniform();
          if (drawn < settings.unknown) ids[token] = unknown;
          else if (drawn < settings.unknown + settings.mask) {
            ids[token] = mask;
            features.fill(HIDDEN_ROW, token * table.features, (token + 1) * table.features);
          }
        });
        return { ...value, ids, features } satisfies PreparedTokens;
      },
  }),
});
