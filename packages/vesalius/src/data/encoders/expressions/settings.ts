import { z } from "zod";

const distinct = (names: readonly string[]): boolean => new Set(names).size === names.length;

/** Settings that all encoders of gene expression share. */
export const expressionSettings = {
  /** Names of genes by number; a published vocabulary, or that of the training cells where it is left out. */
  vocabulary: z.array(z.string()).min(1).refine(distinct, "names a gene twice").optional(),
  /** Of the training cells' genes, only so many: those that vary most from cell to cell. */
  vocabularySize: z.int().positive().optional(),
  /** Training cells that must express a gene for it to be in the vocabulary. */
  minimumCells: z.int().min(1).default(1),
  /** Whether `Actb` and `ACTB` are one gene. */
  ignoreCase: z.boolean().default(false),
  /** Least share of genes, of the data or of the vocabulary, whichever are fewer, that must be found in the other. */
  minimumMatched: z.number().min(0).max(1).default(0.5),
  /** Sum that the counts of each cell are scaled to before anything else; 10,000 is usual. As they are where it is left out. */
  normalizeTotal: z.number().positive().optional(),
  /** Whether values are standardised gene by gene over the training cells. */
  standardize: z.boolean().default(false),
  /** Mean of each gene of the vocabulary. */
  mean: z.array(z.number()).optional(),
  /** Standard deviation of each gene of the vocabulary. */
  std: z.array(z.number().positive()).optional(),
  /** Standardised values beyond this many deviations are cut to it. */
  clip: z.number().positive().default(10),
};

const schema = z.strictObject(expressionSettings);

/** Settings that all encoders of gene expression share, and whether values are logarithms. */
export type ExpressionSettings = z.output<typeof schema> & { readonly logarithm: boolean };

/** What fitting decides of them. */
export type FittedExpression = Pick<ExpressionSettings, "vocabulary" | "mean" | "std">;
