/** Says how many names are not repeated, and why. */
const ofOne = (count: number): string =>
  count === 1 ? "(1 not shown: a single example has it)" : `(${count} not shown: a single example has each)`;

/**
 * A list of names for a message: the first ten, and how many more there are.
 *
 * @param rare names that may not be repeated, as one record has them alone; they are counted
 */
export function fewOf(names: readonly string[], rare: ReadonlySet<string> = new Set()): string {
  const shown = names.filter((name) => !rare.has(name));
  const more = [
    ...(shown.length > 10 ? [`${shown.length - 10} more`] : []),
    ...(shown.length < names.length ? [ofOne(names.length - shown.length)] : []),
  ];
  const listed = shown.slice(0, 10).join(", ");
  return [...(listed === "" ? [] : [listed]), ...more].join(" and ");
}

/** Names with what is said of each, for a summary; those that may not be repeated are counted at the end. */
export function namesWith(
  names: readonly string[],
  said: readonly (string | number)[],
  rare: ReadonlySet<string> = new Set(),
): string[] {
  const shown = names.flatMap((name, index) => (rare.has(name) ? [] : [`${name}: ${said[index]!}`]));
  const hidden = names.length - shown.length;
  return hidden === 0 ? shown : [...shown, ofOne(hidden)];
}
