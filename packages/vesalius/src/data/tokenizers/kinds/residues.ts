import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import type { SpecialRole } from "../tokenizer.ts";
import type { TokenizerFile } from "../tokenizer-file.ts";
import { given } from "./tokenizer-parts.ts";
import { characterFile } from "./characters.ts";
import { type TokenizerTrainer, unknownSchema } from "./trainer.ts";

/** Special tokens of ESM. */
export const ESM_SPECIAL: Readonly<Record<SpecialRole, string>> = {
  padding: "<pad>",
  unknown: "<unk>",
  mask: "<mask>",
  start: "<cls>",
  end: "<eos>",
};

/** The alphabet of ESM-1b and ESM-2 in the order of ids. */
const ESM_TOKENS: readonly string[] =
  "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - <null_1> <mask>".split(" ");

const settingsSchema = z.strictObject({
  /** ESM refuses letters that are no residue; `token` makes them `<unk>`, as its port to transformers does. */
  unknown: unknownSchema.default("refuse"),
  uppercase: z.boolean().default(false),
});
export type ResidueSettings = z.input<typeof settingsSchema>;

/** Amino acids in the alphabet of ESM-2: facebookresearch/esm `esm/data.py` (Alphabet). */
export const residueFile = (settings: ResidueSettings = {}): TokenizerFile =>
  characterFile(ESM_TOKENS, { ...given(settingsSchema, settings), special: ESM_SPECIAL });

/** Amino acids. */
export const residues = entry({
  name: "residues",
  summary: "amino acids in the alphabet of ESM-2",
  paper: "ESM-2, Lin et al. 2023",
  settings: settingsSchema,
  create: (settings): TokenizerTrainer => ({ train: () => Promise.resolve(residueFile(settings)) }),
});
