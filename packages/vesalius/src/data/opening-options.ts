import { z } from "zod";
import { assemblyShape } from "./dataset/assemble-dataset.ts";
import { sharesSchema } from "./dataset/split-dataset.ts";
import { textEncodings } from "./files/decode-text.ts";

/** What every dataset takes beside the settings of its reader; recipes hold the same keys. */
export const openingShape = {
  /** The reader, where a folder could be read in several ways. */
  reader: z.string().min(1).optional(),
  ...assemblyShape,
  /** Divide data that come without splits: `80/10/10` or `80/20`. */
  split: sharesSchema.optional(),
  /** Whether the data are to be answered: readers need nothing that answers are compared with, and take all that is known. */
  toAnswer: z.boolean().default(false),
  /** Seed of that division. */
  seed: z.int().nonnegative().default(0),
  /** Column in whose proportions to divide; the label without it. */
  strata: z.string().min(1).optional(),
  /**
   * Count examples of one split whose texts are nearly those of another (Jaccard similarity of shingles of five words, such as
   * 0.8); with `leakage: drop-from-train` such training examples are left out.
   */
  nearDuplicates: z.number().gt(0).max(1).optional(),
  /** Encoding of texts that are neither UTF-8 nor UTF-16, such as `windows-1252`; they are refused without it. */
  encoding: z.enum(textEncodings).optional(),
  /** Most bytes that reading may hold in memory, over all files together. Default 2 GiB. */
  maxBytes: z
    .number()
    .positive()
    .default(2 ** 31),
};
