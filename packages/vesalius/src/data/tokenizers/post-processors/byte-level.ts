import { z } from "zod";
import { component } from "../component.ts";
import { bare, type PostProcessor, type TemplatePart } from "./post-processor.ts";

/** Nothing around a text; offsets of tokens with or without the white space before them. */
export const byteLevelProcessing = component({
  type: "ByteLevel",
  settings: z.object({
    trim_offsets: z.boolean().default(true),
    add_prefix_space: z.boolean().default(true),
    use_regex: z.boolean().default(true),
  }),
  create: ({ trim_offsets }): PostProcessor => ({ ...bare, keepsWhiteSpace: !trim_offsets }),
});

const tokenAndId = z.tuple([z.string(), z.int().min(0)]);

/** `<s> a </s>` and `<s> a </s></s> b </s>`, all of segment 0. */
export const robertaProcessing = component({
  type: "RobertaProcessing",
  settings: z.object({
    sep: tokenAndId,
    cls: tokenAndId,
    trim_offsets: z.boolean().default(true),
    add_prefix_space: z.boolean().default(true),
  }),
  create: ({ sep, cls, trim_offsets }): PostProcessor => {
    const end: TemplatePart = { special: sep[0], id: sep[1], type: 0 };
    const single: TemplatePart[] = [{ special: cls[0], id: cls[1], type: 0 }, { sequence: 0, type: 0 }, end];
    return { single, pair: [...single, end, { sequence: 1, type: 0 }, end], keepsWhiteSpace: !trim_offsets };
  },
});
