import { z } from "zod";
import { vit, type VitConfig, vitConfigSchema } from "../../models/index.ts";

type WithoutDefault<Shape> = {
  [Key in keyof Shape]: z.ZodOptional<Shape[Key] extends z.ZodDefault<infer Inner> ? Inner : never>;
};

/** The keys of a vision transformer without their defaults, which a preset gives here. */
const vitKeys = Object.fromEntries(
  Object.entries(vitConfigSchema.shape).map(([key, value]) => [key, value.unwrap().optional()]),
) as WithoutDefault<typeof vitConfigSchema.shape>;

/** The backbone of a recipe: a named size, and any key that differs from it. */
export const backboneSchema = z.strictObject({
  kind: z.literal("vit").default("vit"),
  /** `micro` (width 128, depth 4), `tiny` (192, 12), `small` (384, 12), `base` (768, 12). Other keys override it. */
  preset: z.enum(["micro", "tiny", "small", "base"]).optional(),
  /** Folder with the pretrained backbone of an earlier run (`.../pretraining`), which then gives the shape. */
  weights: z.string().min(1).optional(),
  ...vitKeys,
});

/** Shape of a backbone with every key, or the folder that it is read from. */
export type BackboneSettings = z.output<typeof backboneSchema>;

/** Fills a backbone's shape from its preset; a backbone that is read from a folder has its shape there. */
export function resolveBackbone(settings: BackboneSettings): BackboneSettings {
  const { kind, preset = "micro", weights, ...given } = settings;
  if (weights !== undefined) return { kind, weights };
  const changed = Object.entries(given).filter(([, value]) => value !== undefined);
  const config: VitConfig = { ...vit[preset]().config, ...Object.fromEntries(changed) };
  return { kind, ...vit(config).config };
}
