import type { ArchitectureEntry, RoleFacts } from "../network.ts";

/** The first single network that reads a column of a kind, with its settings. */
export function towerFor(facts: RoleFacts, entries: readonly ArchitectureEntry[]): Record<string, unknown> | undefined {
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
