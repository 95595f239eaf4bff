import type { ArchitectureEntry, NetworkSuggestion, RoleFacts } from "../network.ts";

/** The first single network that reads a column of a kind, with its settings. */
function towerFor(facts: RoleFacts, entries: readonly ArchitectureEntry[]): Record<string, unknown> | undefined {
  for (const entry of entries) {
    const { name, roles, presets } = entry;
    const [role, ...others] = Object.entries(roles);
    if (role === undefined || others.length > 0 || !role[1].split(/, | or /).includes(facts.kind)) continue;
    const suggestion = entry.suggest?.({ [role[0]]: facts });
    if (suggestion === undefined) continue;
    return { name, ...(suggestion.preset === undefined ? {} : presets[suggestion.preset]), ...suggestion.settings };
  }
  return undefined;
}

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
