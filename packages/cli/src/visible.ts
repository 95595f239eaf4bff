/** Control characters but for ends of lines and tabs, and characters that turn the direction of writing around. */
const hidden = /(?![\n\t])\p{Cc}|[\u2028-\u202E\u2066-\u2069]/gu;

const escaped = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

/**
 * Text for a terminal: what would move its cursor, change its colours or its title, or hide what stands there is shown as
 * `\x1b`. Names of files, classes and columns come from others. Lines stay lines.
 */
export const visible = (text: string): string => text.replace(hidden, escaped);

/** The same for a cell of a table, in which the end of a line is shown too. */
export const visibleCell = (text: string): string => visible(text).replaceAll("\n", "\\n");

/** JSON in which such characters are escaped as JSON does it, so that it says the same. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value).replace(hidden, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
