import type { ArchitectureEntry, NetworkSuggestion, RoleFacts } from "../network.ts";
import { towerFor } from "./tower.ts";

/** A small fusion of one network for each input, any of which may be missing. */
export function suggestFusion(
  facts: Readonly<Record<string, RoleFacts>>,
  entries: readonly ArchitectureEntry[],
): NetworkSuggestion | undefined {
  const towers = Object.entries(facts).map(([role, one]) => [role, towerFor(one, entries)] as const);
  if (towers.length < 2 || towers.some(([, tower]) => tower === undefined)) return undefined;
  return {
    preset: "micro",
    settings: { towers: Object.fromEntries(towers) },
    reasons: { towers: "a network of its own for each input; the fusion does without those that are missing" },
  };
}
