import type { NetworkSuggestion, RoleFacts } from "../network.ts";

/** A perceptron over the numbers of a record: linear where there are hardly more records than numbers. */
export function suggestPerceptron({ record }: Readonly<Record<string, RoleFacts>>): NetworkSuggestion | undefined {
  if (record === undefined) return undefined;
  const numbers = Number(record["numbers"] ?? 1);
  const few = record.examples < 30 * numbers;
  return {
    preset: few ? "linear" : "micro",
    reasons: {
      preset: `${record.examples} records of ${numbers} numbers${few ? " are too few for hidden layers" : ""}`,
    },
  };
}
