import { z } from "zod";
import { type AlignedText, AlignedBuilder, rewrite, sliceAligned } from "../aligned-text.ts";
import { component } from "../component.ts";
import { patternSchema, regularExpression } from "../regular-expression.ts";

const LEADING = /^\p{White_Space}+/u;
const TRAILING = /\p{White_Space}+$/u;

/** Cuts white space off the ends. */
export const strip = component({
  type: "Strip",
  settings: z.object({ strip_left: z.boolean().default(true), strip_right: z.boolean().default(true) }),
  create:
    ({ strip_left, strip_right }) =>
    (source: AlignedText) => {
      const start = strip_left ? source.text.length - source.text.replace(LEADING, "").length : 0;
      const end = strip_right ? source.text.replace(TRAILING, "").length : source.text.length;
      return sliceAligned(source, start, Math.max(start, end));
    },
});

/** Puts `content` for every match of a pattern. */
export const replace = component({
  type: "Replace",
  settings: z.object({ pattern: patternSchema, content: z.string().max(10_000) }),
  create: ({ pattern, content }, where) => {
    const expression = regularExpression(pattern, where);
    return (source: AlignedText) => rewrite(source, expression, () => content);
  },
});

/** Puts a text in front of one that is not empty. */
export const prepend = component({
  type: "Prepend",
  settings: z.object({ prepend: z.string().max(10_000) }),
  create:
    ({ prepend: before }) =>
    (source: AlignedText) =>
      prependTo(source, before),
});

/** `before`, which stands for the first unit of the text, and the text. */
export function prependTo(source: AlignedText, before: string): AlignedText {
  if (source.text === "") return source;
  const builder = new AlignedBuilder(source);
  builder.replace(0, 0, before);
  builder.keep(0, source.text.length);
  return builder.result();
}
