import type { ArchitectureEntry, NetworkSuggestion, RoleFacts } from "../network.ts";
import { towerFor } from "./tower.ts";

/** Most words or letters of a table's entry: all entries are embedded for a search, and beginnings say most. */
const longestEntry = 90;

const shortened = (facts: RoleFacts): RoleFacts =>
  typeof facts["longLength"] === "number"
    ? { ...facts, longLength: Math.min(longestEntry, facts["longLength"]) }
    : facts;

/**
 * Two small towers for examples and the table that they refer to, one set of weights where both hold the same kind.
 * Whether other data belong together in pairs, they alone do not say.
 */
export function suggestDualTower(
  facts: Readonly<Record<string, RoleFacts>>,
  entries: readonly ArchitectureEntry[],
): NetworkSuggestion | undefined {
  const roles = Object.entries(facts);
  const [query] = roles.filter(([, { table }]) => table === undefined);
  const [entry] = roles.filter(([, { table }]) => table !== undefined);
  if (roles.length !== 2 || query === undefined || entry === undefined) return undefined;
  const alike = query[1].kind === entry[1].kind;
  const longest = shortened(entry[1]);
  const ofQuery = towerFor(alike ? { ...query[1], ...longest } : query[1], entries);
  const ofEntry = alike ? { sameAs: query[0] } : towerFor(longest, entries);
  if (ofQuery === undefined || ofEntry === undefined) return undefined;
  return {
    preset: "micro",
    settings: { towers: { [query[0]]: ofQuery, [entry[0]]: ofEntry } },
    reasons: {
      towers: alike
        ? "one set of weights for both, so that equal words are near each other; beginnings of long entries alone"
        : "a network of its own for each side",
    },
  };
}
