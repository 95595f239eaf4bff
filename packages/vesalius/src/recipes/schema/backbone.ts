import { z } from "zod";
import type { Catalogues } from "../catalogues.ts";
import { oneOfUnfilled } from "./named.ts";

/** What every backbone may say about the data that it reads. */
export const rolesShape = {
  /** Columns that each role of the network reads; a column of the role's own name where it is left out. */
  inputs: z.record(z.string(), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])).optional(),
  /** Settings of a role's encoder beside those that the network decides: a tokenizer, a window of intensities. */
  encoders: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
};

/** A backbone with the weights of an earlier run or of a published checkpoint, which also say what network it is. */
const loadedSchema = z.strictObject({
  /** Folder with a pretrained backbone: `.../pretraining` of an earlier run, a published checkpoint, or a GGUF file. */
  weights: z.string().min(1),
  ...rolesShape,
});

/** The backbone of a recipe: a network by name, a named size of it, and any setting that differs. */
export const backboneSchema = (catalogues: Catalogues) =>
  z.union([
    loadedSchema,
    oneOfUnfilled(catalogues.architectures.entries, ({ presets }) => ({
      /** A named size of the network. Other keys override it. */
      preset: (Object.keys(presets).length === 0 ? z.never() : z.enum(Object.keys(presets))).optional(),
      ...rolesShape,
    })),
  ]);
