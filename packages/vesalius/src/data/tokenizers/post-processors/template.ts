import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { component } from "../component.ts";
import type { PostProcessor, TemplatePart } from "./post-processor.ts";

const typeId = z.int().min(0).max(255);
const partSchema = z.union([
  z.strictObject({ SpecialToken: z.strictObject({ id: z.string(), type_id: typeId }) }),
  z.strictObject({ Sequence: z.strictObject({ id: z.enum(["A", "B"]), type_id: typeId }) }),
]);
const specialSchema = z.strictObject({
  id: z.string(),
  ids: z.array(z.int().min(0)).min(1).max(16),
  tokens: z.array(z.string()).min(1).max(16),
});

/** Special tokens and texts in the order that a template says. */
export const templateProcessing = component({
  type: "TemplateProcessing",
  settings: z.object({
    single: z.array(partSchema).max(64),
    pair: z.array(partSchema).max(64),
    special_tokens: z.record(z.string(), specialSchema),
  }),
  create: ({ single, pair, special_tokens }, where): PostProcessor => {
    const parts = (template: readonly z.output<typeof partSchema>[], texts: readonly string[]): TemplatePart[] => {
      const order = template.flatMap((part) => ("Sequence" in part ? part.Sequence.id : []));
      if (order.length > 0 && order.join() !== texts.join())
        throw new VesaliusError("bad-file", `a template has the texts ${order.join(", ")}`, {
          where,
          fix: `it must hold ${texts.join(" and ")} once, in this order`,
        });
      return template.flatMap((part): TemplatePart[] => {
        if ("Sequence" in part) return [{ sequence: part.Sequence.id === "A" ? 0 : 1, type: part.Sequence.type_id }];
        const special = special_tokens[part.SpecialToken.id];
        if (special === undefined || special.ids.length !== special.tokens.length)
          throw new VesaliusError("bad-file", `special_tokens has no usable entry "${part.SpecialToken.id}"`, {
            where,
          });
        return special.ids.map((id, at) => ({ special: special.tokens[at]!, id, type: part.SpecialToken.type_id }));
      });
    };
    return { single: parts(single, ["A"]), pair: parts(pair, ["A", "B"]) };
  },
});

const tokenAndId = z.tuple([z.string(), z.int().min(0)]);

/** `[CLS] a [SEP]` and `[CLS] a [SEP] b [SEP]`, segment 1 from b on. */
export const bertProcessing = component({
  type: "BertProcessing",
  settings: z.object({ sep: tokenAndId, cls: tokenAndId }),
  create: ({ sep, cls }): PostProcessor => {
    const end = (type: number): TemplatePart => ({ special: sep[0], id: sep[1], type });
    const single: TemplatePart[] = [{ special: cls[0], id: cls[1], type: 0 }, { sequence: 0, type: 0 }, end(0)];
    return { single, pair: [...single, { sequence: 1, type: 1 }, end(1)] };
  },
});
