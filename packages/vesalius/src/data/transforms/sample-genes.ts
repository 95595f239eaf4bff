import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { byValue } from "../encoders/expressions/cell-values.ts";
import type { PreparedCell } from "../encoders/genes.ts";
import type { ExampleTransform, Moved } from "./moved.ts";

/** Whether a value is the genes of a cell; a dense profile passes as it is. */
const isCell = (value: unknown): value is PreparedCell =>
  typeof value === "object" && value !== null && "genes" in value && "limit" in value;

/**
 * Random genes of a cell in place of those with the highest values, so that a network learns from all of them (Cui et
 * al. 2024, scGPT's collator).
 */
export const sampleGenes = entry({
  name: "sampleGenes",
  summary: "Random genes of a cell in place of those with the highest values.",
  paper: "Cui et al. 2024, scGPT: toward building a foundation model for single-cell multi-omics using generative AI",
  settings: z.strictObject({
    /** Share of a cell's genes that stay, of at most as many as the network reads. */
    share: z.number().gt(0).max(1).default(1),
    /** Deviation of the noise that is added to values before the highest are taken; any gene is as likely where it is left out. */
    noise: z.number().positive().optional(),
  }),
  create: ({ share, noise }): ExampleTransform => ({
    kinds: ["expressions"],
    draw:
      (_values, random) =>
      ({ value }: Moved): unknown => {
        if (!isCell(value)) return value;
        const { genes, values, limit } = value;
        const count = Math.ceil(share * Math.min(limit, genes.length));
        if (count === genes.length) return value;
        const scores = Float64Array.from(values, (one) =>
          noise === undefined ? random.uniform() : one + noise * random.normal(),
        );
        const chosen = Int32Array.from(genes.keys())
          .sort((a, b) => scores[b]! - scores[a]!)
          .subarray(0, count);
        const taken = byValue(
          chosen.map((at) => genes[at]!),
          Float32Array.from(chosen, (at) => values[at]!),
        );
        return { ...value, ...taken } satisfies PreparedCell;
      },
  }),
});
