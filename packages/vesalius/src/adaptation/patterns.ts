/**
 * Whether a name consists of the literal parts of a pattern with anything between them. Each part is looked for behind
 * the one before, the leftmost place first, so that a name is walked through once however many `*` there are.
 */
function matchesStars(name: string, pattern: string): boolean {
  const [first, ...rest] = pattern.split("*") as [string, ...string[]];
  const last = rest.pop()!;
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/**
 * Whether a module or parameter name is meant by one of the patterns: its full name, its last parts (`qkv`,
 * `attn.qkv`; parts are set off by dots, or by slashes as TensorFlow has them), or a pattern in which `*` stands for any characters (`blocks.1*.attn.*`).
 */
export const matchesAny = (name: string, patterns: readonly string[]): boolean =>
  patterns.some(
    (pattern) =>
      name === pattern ||
      name.endsWith(`.${pattern}`) ||
      name.endsWith(`/${pattern}`) ||
      (pattern.includes("*") && matchesStars(name, pattern)),
  );
