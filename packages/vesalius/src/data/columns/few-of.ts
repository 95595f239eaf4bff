/** A list of names for a message: the first ten, and how many more there are. */
export const fewOf = (names: readonly string[]): string =>
  names.length > 10 ? `${names.slice(0, 10).join(", ")} and ${names.length - 10} more` : names.join(", ");
