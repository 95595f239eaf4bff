/**
 * Whether a module or parameter name is meant by one of the patterns: its full name, its last parts (`qkv`,
 * `attn.qkv`), or a pattern in which `*` stands for any characters (`blocks.1*.attn.*`).
 */
export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    if (name === pattern || name.endsWith(`.${pattern}`)) return true;
    if (!pattern.includes("*")) return false;
    const source = pattern
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join(".*");
    return new RegExp(`^${source}$`).test(name);
  });
}
