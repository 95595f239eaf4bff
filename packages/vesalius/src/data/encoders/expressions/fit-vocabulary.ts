import { VesaliusError } from "../../../common/errors.ts";
import type { Column } from "../../column.ts";
import { expressions, type ExpressionsColumn } from "../../columns/expressions.ts";
import { isPresent } from "../../columns/storage.ts";
import { scaledValues } from "./cell-values.ts";
import type { ExpressionSettings, FittedExpression } from "./settings.ts";

/** Special tokens of published vocabularies, which are no genes: `<pad>`, `<cls>`. */
const isSpecial = (name: string): boolean => /^<.*>$/.test(name);

/**
 * Number in a vocabulary of each gene of a column, -1 where it has none; of genes with one name the first counts.
 *
 * @throws VesaliusError `bad-data` where too few genes are found
 */
export function matchGenes(
  genes: readonly string[],
  vocabulary: readonly string[],
  { ignoreCase, minimumMatched }: Pick<ExpressionSettings, "ignoreCase" | "minimumMatched">,
): Int32Array {
  const key = (name: string): string => (ignoreCase ? name.toUpperCase() : name);
  const numbers = new Map<string, number>();
  vocabulary.forEach((name, number) => {
    if (!isSpecial(name) && !numbers.has(key(name))) numbers.set(key(name), number);
  });
  const known = numbers.size;
  const map = Int32Array.from(genes, (name) => {
    const number = numbers.get(key(name)) ?? -1;
    numbers.delete(key(name));
    return number;
  });
  const matched = known - numbers.size;
  if (matched < minimumMatched * Math.min(known, genes.length) || matched === 0)
    throw new VesaliusError(
      "bad-data",
      `${matched} of the data's ${genes.length} genes are among the ${known} of the model`,
      {
        fix:
          "bring genes to the same names (symbols or Ensembl identifiers, with ignoreCase across species), or lower " +
          "minimumMatched if so few are meant",
      },
    );
  return map;
}

/** Sums over training cells, by gene of a column. */
interface GeneSums {
  readonly cells: number;
  readonly expressed: Float64Array;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

function sumsOf(column: ExpressionsColumn, settings: ExpressionSettings): GeneSums {
  const count = column.genes.length;
  const [expressed, sum, squares] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  let cells = 0;
  for (let row = 0; row < column.length; row++) {
    if (!isPresent(column, row)) continue;
    cells++;
    const [start, end] = [column.indptr[row]!, column.indptr[row + 1]!];
    scaledValues(column.values.subarray(start, end), settings).forEach((value, i) => {
      const gene = column.indices[start + i]!;
      if (value !== 0) expressed[gene]!++;
      sum[gene]! += value;
      squares[gene]! += value * value;
    });
  }
  if (cells === 0)
    throw new VesaliusError("bad-data", "there is no cell to learn from", { fix: "give a training split with cells" });
  return { cells, expressed, sum, squares };
}

/** Genes that vary most, in the order of the column. */
function chooseGenes({ genes }: ExpressionsColumn, sums: GeneSums, settings: ExpressionSettings): string[] {
  const { cells, expressed, sum, squares } = sums;
  const variance = (gene: number): number => squares[gene]! / cells - (sum[gene]! / cells) ** 2;
  const seen = new Set<string>();
  const candidates = [...genes.keys()].filter((gene) => {
    if (expressed[gene]! < settings.minimumCells || seen.has(genes[gene]!)) return false;
    seen.add(genes[gene]!);
    return true;
  });
  if (candidates.length === 0)
    throw new VesaliusError("bad-data", `no gene has a value in ${settings.minimumCells} training cells`, {
      fix: "lower minimumCells, or check that the cells hold counts",
    });
  return candidates
    .toSorted((a, b) => variance(b) - variance(a) || a - b)
    .slice(0, settings.vocabularySize ?? candidates.length)
    .toSorted((a, b) => a - b)
    .map((gene) => genes[gene]!);
}

/**
 * Vocabulary, means and deviations of training cells. What is fitted already stays as it is.
 *
 * @throws VesaliusError `bad-data` for columns without cells or with none of the vocabulary's genes
 */
export function fitExpression(settings: ExpressionSettings, columns: readonly Column[]): FittedExpression {
  const { standardize, mean, std } = settings;
  // Roles that share weights are fitted together; their columns have the same genes.
  const column =
    columns.length === 1 ? (columns[0] as ExpressionsColumn) : expressions.join(columns as ExpressionsColumn[]);
  const ready = !standardize || (mean !== undefined && std !== undefined);
  if (settings.vocabulary !== undefined && ready) {
    matchGenes(column.genes, settings.vocabulary, settings);
    return settings;
  }
  const sums = sumsOf(column, settings);
  const vocabulary = settings.vocabulary ?? chooseGenes(column, sums, settings);
  if (!standardize) return { vocabulary };
  const map = matchGenes(column.genes, vocabulary, settings);
  const fitted = { vocabulary, mean: vocabulary.map(() => 0), std: vocabulary.map(() => 1) };
  map.forEach((number, gene) => {
    if (number < 0) return;
    const average = sums.sum[gene]! / sums.cells;
    fitted.mean[number] = average;
    // A constant gene has no deviation; 1 leaves it as it is.
    fitted.std[number] = Math.sqrt(Math.max(0, sums.squares[gene]! / sums.cells - average ** 2)) || 1;
  });
  return fitted;
}

/** @throws VesaliusError `bad-configuration` for settings that were not fitted */
export function requireVocabulary({ vocabulary, standardize, mean, std }: ExpressionSettings): readonly string[] {
  const count = vocabulary?.length;
  if (vocabulary === undefined || (standardize && (mean?.length !== count || std?.length !== count)))
    throw new VesaliusError(
      "bad-configuration",
      vocabulary === undefined
        ? "the vocabulary of genes is not known yet"
        : "mean and std are not fitted, or not as many as the genes",
      { fix: "fit the encoder on the training split first (prepare)" },
    );
  return vocabulary;
}
