import { z } from "zod";
import { encoderEntry } from "./encoder.ts";
import {
  fedGenes,
  fitGenes,
  geneEncoder,
  geneInputs,
  genesSpecSchema,
  type PreparedCell,
  type ShownCell,
  writeCell,
} from "./genes.ts";

/** Genes by number: in the order of their values, places would tell what is hidden. */
function inOrder({ genes, values, padding }: ShownCell): ShownCell {
  const order = Int32Array.from(genes.keys()).sort((a, b) => genes[a]! - genes[b]!);
  return { genes: order.map((at) => genes[at]!), values: Float32Array.from(order, (at) => values[at]!), padding };
}

/**
 * Cells with some values hidden, and what these are: the inputs of `genes`, with `values` of hidden genes replaced,
 * `targets` float32 `[rows, genes]`, all values, and `targetMask` float32, 1 where one is hidden (Cui et al. 2024, scGPT).
 */
export const maskedExpression = encoderEntry({
  name: "maskedExpression",
  summary: "Cells of which some expression values are hidden and to be predicted.",
  paper: "Cui et al. 2024, scGPT: toward building a foundation model for single-cell multi-omics using generative AI",
  settings: z.strictObject({
    /** The genes that are learned from. */
    of: genesSpecSchema,
    /** Share of the genes of a cell whose values are hidden, in (0, 1); at least one. */
    maskRatio: z.number().gt(0).lt(1).default(0.15),
    /** What stands in place of a hidden value: below all counts, bins and ranks where it is left out. */
    hiddenValue: z.number().optional(),
  }),
  create({ of, maskRatio, hiddenValue }) {
    // Standardised values and values as they are can be negative themselves.
    const hidden = hiddenValue ?? (of.standardize || of.values === "raw" ? -of.clip - 2 : -1);
    return geneEncoder(of, {
      inputs: (rows, length) => ({
        ...geneInputs(rows, length),
        targets: { dtype: "float32", shape: [rows, length] },
        targetMask: { dtype: "float32", shape: [rows, length] },
      }),
      encode(examples, into, context) {
        examples.forEach((example, row) => {
          if (example === null) return;
          const { genes, values, padding } = inOrder(fedGenes(example[0] as PreparedCell));
          const count = Math.min(genes.length, Math.max(1, Math.round(maskRatio * genes.length)));
          const shown = values.slice();
          const at = row * context.extent;
          for (const place of context.random(row).permutation(genes.length).subarray(0, count)) {
            shown[place] = hidden;
            into["targetMask"]![at + place] = 1;
          }
          into["targets"]!.set(values, at);
          writeCell({ genes, values: shown, padding }, into, row, context.extent);
        });
      },
    });
  },
  fit: (given, columns) =>
    Promise.resolve({ ...given, of: { ...fitGenes(given.of, columns), name: "genes" as const } }),
});
