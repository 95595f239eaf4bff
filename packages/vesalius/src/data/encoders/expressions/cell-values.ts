import { VesaliusError } from "../../../common/errors.ts";
import type { Expression } from "../../columns/expressions.ts";
import type { ExpressionSettings } from "./settings.ts";

/**
 * Values of a cell on the scale that a network reads, before genes are matched: scaled to one sum, and their logarithm.
 *
 * @returns `log(1 + value)` where the settings say so, as scanpy's `normalize_total` and `log1p`
 * @throws VesaliusError `bad-data` for negative values, which are no counts
 */
export function scaledValues(
  values: Float32Array,
  { normalizeTotal, logarithm }: Pick<ExpressionSettings, "normalizeTotal" | "logarithm">,
): Float32Array {
  if (normalizeTotal === undefined && !logarithm) return values;
  let total = 0;
  for (const value of values) {
    if (value < 0)
      throw new VesaliusError("bad-data", "an expression value is negative, so it is no count", {
        fix: "the data seem to be standardised already: leave out normalizeTotal and set values to raw",
      });
    total += value;
  }
  const factor = normalizeTotal === undefined || total === 0 ? 1 : normalizeTotal / total;
  return logarithm ? values.map((value) => Math.log1p(value * factor)) : values.map((value) => value * factor);
}

/** Genes of the vocabulary that a cell expresses. */
export interface MatchedCell {
  /** Gene numbers, highest value first; of equal values the lower number first. */
  readonly genes: Int32Array;
  readonly values: Float32Array;
  /** Genes with a value that the vocabulary does not have. */
  readonly unmatched: number;
}

/** Brings pairs of gene and value into the order of falling values. */
export function byValue(genes: Int32Array, values: Float32Array): Pick<MatchedCell, "genes" | "values"> {
  const order = Int32Array.from(genes.keys()).sort((a, b) => values[b]! - values[a]! || genes[a]! - genes[b]!);
  return { genes: order.map((at) => genes[at]!), values: Float32Array.from(order, (at) => values[at]!) };
}

/**
 * Makes what reads a cell: its values other than 0 on the scale of the settings, for the genes of the vocabulary.
 *
 * @param map number in the vocabulary of each gene of the column, -1 where it has none
 */
export function cellReader(
  settings: ExpressionSettings,
  map: Int32Array,
): (cell: Expression) => MatchedCell & { readonly values: Float32Array } {
  const { standardize, mean, std, clip } = settings;
  return (cell) => {
    const scaled = scaledValues(cell.values, settings);
    const genes: number[] = [];
    const values: number[] = [];
    let unmatched = 0;
    cell.genes.forEach((gene, i) => {
      const value = scaled[i]!;
      if (value === 0) return;
      const known = map[gene]!;
      if (known < 0) {
        unmatched++;
        return;
      }
      genes.push(known);
      const standard = standardize ? (value - mean![known]!) / std![known]! : value;
      values.push(standardize ? Math.max(-clip, Math.min(clip, standard)) : standard);
    });
    return { ...byValue(Int32Array.from(genes), Float32Array.from(values)), unmatched };
  };
}
