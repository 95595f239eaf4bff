import type { Estimate } from "./estimate.ts";

/** A number with a true minus sign and a fixed number of decimals; whole numbers above 999 get thin spaces. */
export function formatNumber(value: number, decimals = 3): string {
  if (!Number.isFinite(value)) return "–";
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split(".");
  const spaced = whole!.replace(/\B(?=(\d{3})+$)/g, "\u2009");
  const text = fraction === undefined ? spaced : `${spaced}.${fraction}`;
  // A value that rounds to zero has no sign.
  return value < 0 && Number(text.replaceAll("\u2009", "")) !== 0 ? `−${text}` : text;
}

/** A whole number of cases. */
export const formatCount = (count: number): string => formatNumber(count, 0);

/** A share as a percentage. */
export const formatPercent = (share: number, decimals = 1): string => `${formatNumber(100 * share, decimals)}%`;

/** The interval of an estimate, `0.931–0.972`; with "to" where a minus sign would read as a dash. */
export function formatInterval(lower: number, upper: number, decimals = 3): string {
  return `${formatNumber(lower, decimals)}${lower < 0 ? " to " : "–"}${formatNumber(upper, decimals)}`;
}

/** An estimate with its interval, `0.953 (0.931–0.972)`; a dash where it is not defined. */
export function formatEstimate({ value, lower, upper }: Estimate, decimals = 3): string {
  if (value === null) return "–";
  if (lower === null || upper === null) return formatNumber(value, decimals);
  return `${formatNumber(value, decimals)} (${formatInterval(lower, upper, decimals)})`;
}

/** A number on an axis: as short as it can be said. */
export function formatTick(value: number): string {
  return formatNumber(value, Math.min(10, (String(Number(value.toPrecision(6))).split(".")[1] ?? "").length));
}

/** Text in lines of at most so many characters, broken at spaces; what does not fit ends in an ellipsis. */
export function wrap(text: string, width: number, lines: number): string[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const wrapped: string[] = [];
  for (const word of words) {
    const last = wrapped.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) wrapped[wrapped.length - 1] = `${last} ${word}`;
    else wrapped.push(word);
  }
  const rest = wrapped.slice(lines - 1).join(" ");
  return [...wrapped.slice(0, lines - 1), ...(rest === "" ? [] : [rest])].map((line) => shorten(line, width));
}

/** Text cut to a length, with an ellipsis. */
export const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;

/** An estimate as text with its unit, the reason for what is missing and the caution that goes with it. */
export function estimateText(estimate: Estimate, decimals?: number, unit?: string): string {
  const { value, reason, caution } = estimate;
  const number = `${formatEstimate(estimate, decimals)}${unit === undefined || value === null ? "" : `\u00a0${unit}`}`;
  return [number, reason, caution].filter((words) => words !== undefined).join("; ");
}
