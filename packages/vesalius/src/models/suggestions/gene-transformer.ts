import type { NetworkSuggestion, RoleFacts } from "../network.ts";

/** A small transformer over the genes of a cell. */
export function suggestGeneTransformer({
  expression,
}: Readonly<Record<string, RoleFacts>>): NetworkSuggestion | undefined {
  if (expression === undefined) return undefined;
  return {
    preset: "micro",
    reasons: {
      preset: `${expression.examples} cells with ${String(expression["genes"])} genes, about ${String(expression["expressed"])} of them expressed in one`,
    },
  };
}
