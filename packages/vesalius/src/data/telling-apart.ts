/** Columns of values that tell single examples apart: what they hold must not be listed, whatever they are called. */

/** Numbers from here on can be record numbers; smaller ones are measurements and codes. */
const leastRecordNumber = 10_000;

const isMissing = (value: string | number | null): value is null =>
  value === null || value === "" || (typeof value === "number" && !Number.isFinite(value));

/**
 * Whether most examples (or groups, such as patients) have a value of their own: names, dates, record numbers. Numbers
 * with fractions and those of few digits are measurements, which may all differ.
 *
 * @param groups group of each example, where it is known
 */
export function tellsApart(column: readonly (string | number | null)[], groups?: readonly string[]): boolean {
  const values = new Set<string | number>();
  const units = new Set<string | number>();
  let measured = true;
  for (const [row, value] of column.entries()) {
    if (isMissing(value)) continue;
    values.add(value);
    units.add(groups === undefined ? row : groups[row]!);
    measured &&= typeof value === "number" && !(Number.isInteger(value) && Math.abs(value) >= leastRecordNumber);
  }
  return !measured && values.size > 2 && 2 * values.size > units.size;
}
