/** What spreadsheets run as a formula, but for plain numbers, which they read as such. */
const formula = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const field = (value: string | number): string => {
  const given = String(value);
  // An apostrophe in front makes a text of it: names of files and classes come from others.
  const text = formula.test(given) && !plainNumber.test(given) ? `'${given}` : given;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/**
 * Rows as comma-separated values (RFC 4180): quotes where they are needed, one line for each row. A cell that a spreadsheet
 * would run as a formula (`=`, `+`, `-`, `@`, a tab or the end of a line at its start) has an apostrophe before it.
 */
export const formatCsv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(field).join(",")}\n`).join("");
