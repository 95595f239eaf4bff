import { z } from "zod";
import type { Expression, ExpressionsColumn } from "../columns/expressions.ts";
import { encoderEntry, type Encoder } from "./encoder.ts";
import { scaledValues } from "./expressions/cell-values.ts";
import { fitExpression, matchGenes, requireVocabulary } from "./expressions/fit-vocabulary.ts";
import { expressionSettings, type ExpressionSettings } from "./expressions/settings.ts";

const settingsSchema = z.strictObject({
  ...expressionSettings,
  standardize: z.boolean().default(true),
  /** The logarithm of a count plus one, or the value as it is. */
  values: z.enum(["log1p", "raw"]).default("log1p"),
  /** Names of the numbers, those of the genes; for networks that read records. */
  names: z.array(z.string()).optional(),
});

const scaleOf = (settings: z.output<typeof settingsSchema>): ExpressionSettings => ({
  ...settings,
  logarithm: settings.values === "log1p",
});

/**
 * Cells as the values of all genes of the vocabulary, `values` float32 `[rows, genes]`, standardised over the training
 * cells: what a perceptron or a logistic regression reads in place of a record.
 */
export const expressionProfile = encoderEntry({
  name: "expressionProfile",
  summary: "Cells as the standardised values of all genes.",
  settings: settingsSchema,
  create(settings): Encoder {
    const scale = scaleOf(settings);
    const vocabulary = requireVocabulary(scale);
    const { standardize, clip } = scale;
    const mean = standardize ? scale.mean! : vocabulary.map(() => 0);
    const std = standardize ? scale.std! : vocabulary.map(() => 1);
    const limit = standardize ? clip : Number.POSITIVE_INFINITY;
    const standard = (value: number, gene: number): number =>
      Math.max(-limit, Math.min(limit, (value - mean[gene]!) / std[gene]!));
    const unexpressed = Float32Array.from(vocabulary, (_, gene) => standard(0, gene));
    const encoder: Encoder = {
      reads: [["expressions"]],
      inputs: (rows) => ({ values: { dtype: "float32", shape: [rows, vocabulary.length] } }),
      forColumns([column]) {
        const map = matchGenes((column as ExpressionsColumn).genes, vocabulary, settings);
        return {
          ...encoder,
          prepare([cell]) {
            const { genes, values } = cell as Expression;
            const profile = unexpressed.slice();
            scaledValues(values, scale).forEach((value, i) => {
              const gene = map[genes[i]!]!;
              if (gene >= 0) profile[gene] = standard(value, gene);
            });
            return [profile];
          },
        };
      },
      encode(examples, { values }) {
        examples.forEach((example, row) => {
          if (example !== null) values!.set(example[0] as Float32Array, row * vocabulary.length);
        });
      },
    };
    return encoder;
  },
  fit(given, columns) {
    const { vocabulary, mean, std } = fitExpression(scaleOf(given), columns);
    return Promise.resolve({ ...given, vocabulary, names: vocabulary, ...(mean === undefined ? {} : { mean, std }) });
  },
});
