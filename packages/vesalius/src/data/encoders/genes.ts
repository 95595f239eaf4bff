import { z } from "zod";
import type { Expression, ExpressionsColumn } from "../columns/expressions.ts";
import { encoderEntry, type Encoder } from "./encoder.ts";
import { cellReader, type MatchedCell } from "./expressions/cell-values.ts";
import { binnedValues, rankedValues } from "./expressions/discrete-values.ts";
import { fitExpression, matchGenes, requireVocabulary } from "./expressions/fit-vocabulary.ts";
import { expressionSettings, type ExpressionSettings } from "./expressions/settings.ts";

/** Settings of the encoder `genes`. */
export const genesSettingsSchema = z.strictObject({
  ...expressionSettings,
  /** Most genes of a cell; those with the highest values where there are more, or any with `sampleGenes` in training. */
  maximumGenes: z.int().positive().default(1200),
  /**
   * What is fed for a gene: the logarithm of its count plus one, the value as it is, its bin among the cell's values, or
   * its rank among them.
   */
  values: z.enum(["log1p", "raw", "bins", "rank"]).default("log1p"),
  /** Bins of values, 0 among them. */
  bins: z.int().min(3).max(1000).default(51),
});

/** Settings of the encoder `genes`. */
export type GenesSettings = z.output<typeof genesSettingsSchema>;

/** The encoder `genes` with its settings, as other encoders name the genes that they build on. */
export const genesSpecSchema = genesSettingsSchema.safeExtend({ name: z.literal("genes") });

/** A cell as genes and their values, highest value first. Not to be written to. */
export interface PreparedCell extends MatchedCell {
  /** Most genes that are fed. */
  readonly limit: number;
  /** Gene number that fills rows up; the mask is 0 there. */
  readonly padding: number;
}

const scaleOf = (settings: GenesSettings): ExpressionSettings => ({
  ...settings,
  logarithm: settings.values === "log1p",
});

/** What of a cell a graph reads. */
export type ShownCell = Pick<PreparedCell, "genes" | "values" | "padding">;

/** The genes of a cell that are fed. */
export const fedGenes = ({ genes, values, limit, padding }: PreparedCell): ShownCell => ({
  genes: genes.subarray(0, limit),
  values: values.subarray(0, limit),
  padding,
});

/** Inputs of genes: `genes`, `values`, `mask`. */
export const geneInputs = (rows: number, length: number) =>
  ({
    genes: { dtype: "int32", shape: [rows, length] },
    values: { dtype: "float32", shape: [rows, length] },
    mask: { dtype: "float32", shape: [rows, length] },
  }) as const;

/** Writes one row of a batch, padded at the end. */
export function writeCell(
  { genes, values, padding }: ShownCell,
  into: Readonly<Record<string, Float32Array | Int32Array>>,
  row: number,
  length: number,
): void {
  const at = row * length;
  into["genes"]!.set(genes, at);
  into["genes"]!.fill(padding, at + genes.length, at + length);
  into["values"]!.set(values, at);
  into["mask"]!.fill(1, at, at + genes.length);
}

/** An encoder of genes that its own inputs are made of. */
export function geneEncoder(settings: GenesSettings, own: Pick<Encoder, "inputs" | "encode">): Encoder {
  const scale = scaleOf(settings);
  const vocabulary = requireVocabulary(scale);
  const { maximumGenes: limit, values: how, bins } = settings;
  // Vocabularies of genes alone need no token for padding, since the mask rules it out.
  const padding = Math.max(0, vocabulary.indexOf("<pad>"));
  const encoder: Encoder = {
    reads: [["expressions"]],
    forColumns([column]) {
      const map = matchGenes((column as ExpressionsColumn).genes, vocabulary, settings);
      const read = cellReader(scale, map);
      return {
        ...encoder,
        prepare([cell]) {
          const found = read(cell as Expression);
          const values =
            how === "bins"
              ? binnedValues(found.values, bins)
              : how === "rank"
                ? rankedValues(found.values)
                : found.values;
          return [{ ...found, values, limit, padding } satisfies PreparedCell];
        },
      };
    },
    extent: ([prepared]) => Math.max(1, Math.min(limit, (prepared as PreparedCell).genes.length)),
    largestExtent: limit,
    counts([prepared]) {
      const { genes, unmatched } = prepared as PreparedCell;
      return {
        genes: genes.length,
        unmatchedGenes: unmatched,
        genesBeyondMaximum: Math.max(0, genes.length - limit),
        emptyCells: genes.length === 0 ? 1 : 0,
      };
    },
    ...own,
  };
  return encoder;
}

/** Settings with the vocabulary of training cells. */
export const fitGenes = (given: GenesSettings, columns: Parameters<typeof fitExpression>[1]): GenesSettings => {
  const { vocabulary, mean, std } = fitExpression(scaleOf(given), columns);
  return { ...given, vocabulary, ...(mean === undefined ? {} : { mean, std }) };
};

/**
 * Cells as the genes that they express: `genes` int32, numbers in the vocabulary, highest value first, `values` float32
 * and `mask` float32, `[rows, genes]` (Cui et al. 2024, scGPT). Columns are matched by the names of genes.
 */
export const genes = encoderEntry({
  name: "genes",
  summary: "Cells as the genes that they express, with values.",
  paper: "Cui et al. 2024, scGPT: toward building a foundation model for single-cell multi-omics using generative AI",
  settings: genesSettingsSchema,
  create: (settings) =>
    geneEncoder(settings, {
      inputs: geneInputs,
      encode(examples, into, { extent }) {
        examples.forEach((values, row) => {
          if (values !== null) writeCell(fedGenes(values[0] as PreparedCell), into, row, extent);
        });
      },
    }),
  fit: (given, columns) => Promise.resolve(fitGenes(given, columns)),
});
