import type { Measure } from "../result.ts";

/** One part of the benchmark of language. */
export interface LanguageRow {
  /** How its figures come about, in a sentence or two. */
  readonly method: string;
  /** @param quick whether as little as exercises the way of measuring is enough */
  measure(quick: boolean): Promise<Measure[]>;
}
