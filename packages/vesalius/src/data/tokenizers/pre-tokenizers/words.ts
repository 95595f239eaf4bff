import { z } from "zod";
import { component } from "../component.ts";
import { escapeRegExp } from "../regular-expression.ts";
import { behaviorSchema, splitBy } from "./split.ts";

const PUNCTUATION = "!-/:-@[-`{-~\\p{P}";

/** Words of BERT: split at white space, every punctuation character by itself. */
export const bertPreTokenizer = component({
  type: "BertPreTokenizer",
  settings: z.object({}),
  create: () => splitBy(new RegExp(`[${PUNCTUATION}]|[^${PUNCTUATION}\\p{White_Space}]+`, "gu"), "Removed", true),
});

/** Runs of letters, digits and marks, and runs of anything else but white space. */
export const whitespace = component({
  type: "Whitespace",
  settings: z.object({}),
  create: () => splitBy(/[\p{L}\p{M}\p{N}\p{Pc}]+|[^\p{L}\p{M}\p{N}\p{Pc}\p{White_Space}]+/gu, "Removed", true),
});

/** Whatever lies between white space. */
export const whitespaceSplit = component({
  type: "WhitespaceSplit",
  settings: z.object({}),
  create: () => splitBy(/\p{White_Space}+/gu, "Removed"),
});

/** Splits at punctuation. */
export const punctuation = component({
  type: "Punctuation",
  settings: z.object({ behavior: behaviorSchema.default("Isolated") }),
  create: ({ behavior }) => splitBy(new RegExp(`[${PUNCTUATION}]`, "gu"), behavior),
});

/** Splits digits off, together or each by itself. */
export const digits = component({
  type: "Digits",
  settings: z.object({ individual_digits: z.boolean().default(false) }),
  create: ({ individual_digits }) => splitBy(/\p{N}/gu, individual_digits ? "Isolated" : "Contiguous"),
});

/** Splits at one character, which is dropped. */
export const charDelimiterSplit = component({
  type: "CharDelimiterSplit",
  settings: z.object({ delimiter: z.string().min(1).max(2) }),
  create: ({ delimiter }) => splitBy(new RegExp(escapeRegExp(delimiter), "gu"), "Removed"),
});
