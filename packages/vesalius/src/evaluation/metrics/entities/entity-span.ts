import { VesaliusError } from "../../../common/errors.ts";

/** A named entity: where it lies and what it is. */
export interface EntitySpan {
  /** First unit (token or character). */
  readonly start: number;
  /** One past the last unit. */
  readonly end: number;
  readonly type: string;
}

/**
 * Throws `bad-data` unless every span is a non-empty range of whole numbers with a type.
 *
 * @param what which spans they are, for the message.
 */
export function requireSpans(spans: readonly EntitySpan[], what: string): void {
  for (const [index, { start, end, type }] of spans.entries()) {
    if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start && type !== "") continue;
    throw new VesaliusError("bad-data", `from ${start} to ${end} with type "${type}" is no entity span`, {
      where: `${what}, span ${index}`,
      fix: "give whole numbers with 0 <= start < end (end is one past the last unit) and a type",
    });
  }
}
