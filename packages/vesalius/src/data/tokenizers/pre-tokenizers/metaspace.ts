import { z } from "zod";
import { originalStart, sameLength } from "../aligned-text.ts";
import { component } from "../component.ts";
import { prependTo } from "../normalizers/edit.ts";
import { escapeRegExp } from "../regular-expression.ts";
import type { PreTokenizer } from "./pre-tokenizer.ts";
import { splitAligned } from "./split.ts";

/** Settings of Metaspace, of today's and earlier files. */
export const metaspaceSettings = z.object({
  replacement: z.string().length(1).default("▁"),
  prepend_scheme: z.enum(["always", "first", "never"]).optional(),
  /** Of earlier files, which `prepend_scheme` took the place of. */
  add_prefix_space: z.boolean().optional(),
  str_rep: z.string().optional(),
  split: z.boolean().default(true),
});

/** When a text gets a space in front. */
export const prependScheme = ({
  prepend_scheme,
  add_prefix_space,
}: z.output<typeof metaspaceSettings>): "always" | "first" | "never" =>
  prepend_scheme ?? (add_prefix_space === false ? "never" : "always");

/** Spaces as a visible sign that words begin with: SentencePiece. */
export const metaspace = component({
  type: "Metaspace",
  settings: metaspaceSettings,
  create: (settings): PreTokenizer => {
    const { replacement, split } = settings;
    const scheme = prependScheme(settings);
    const sign = new RegExp(escapeRegExp(replacement), "gu");
    return (pieces) =>
      pieces.flatMap((piece) => {
        const marked = piece.text.includes(" ") ? sameLength(piece, piece.text.replaceAll(" ", replacement)) : piece;
        const first = scheme === "always" || (scheme === "first" && piece.text !== "" && originalStart(piece, 0) === 0);
        const text = first && !marked.text.startsWith(replacement) ? prependTo(marked, replacement) : marked;
        return split ? splitAligned(text, sign, "MergedWithNext") : [text];
      });
  },
});
