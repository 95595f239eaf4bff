const day = 86_400_000;

/**
 * A date of a record as days since 1970: ISO 8601 and FHIR (`2019`, `2019-05`, `2019-05-28T10:00:00+02:00`), and tables'
 * `2019-05-28 10:00:00`. The time is that of the place of care, whatever zone stands behind it, so that days stay days.
 * A year is its first day, a month its first.
 *
 * @returns undefined for what is no date, such as the 30th of February
 */
export function daysOf(text: string): number | undefined {
  const found =
    /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?)?$/.exec(
      text.trim(),
    );
  if (found === null) return undefined;
  const [year, month, date, hours, minutes, seconds] = [1, 2, 3, 4, 5, 6].map((group) =>
    found[group] === undefined ? undefined : Number(found[group]),
  );
  const time = Date.UTC(2000, (month ?? 1) - 1, date ?? 1, hours ?? 0, minutes ?? 0, seconds ?? 0);
  const at = new Date(time);
  // Years below 100 are those of the calendar, not of the last century.
  at.setUTCFullYear(year!, (month ?? 1) - 1, date ?? 1);
  const is = (value: number, stated: number | undefined): boolean => stated === undefined || value === stated;
  const valid =
    is(at.getUTCMonth() + 1, month) &&
    is(at.getUTCDate(), date) &&
    (hours ?? 0) < 24 &&
    (minutes ?? 0) < 60 &&
    // Leap seconds are written as 60.
    (seconds ?? 0) <= 60;
  return valid ? at.getTime() / day : undefined;
}
