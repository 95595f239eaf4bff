import type { RandomStream } from "../../common/random.ts";

/** A value on its way from a column to an encoder. */
export interface Moved {
  /** Part of the feeds that it goes to. */
  readonly part: string;
  /** Kind of its column. */
  readonly kind: string;
  readonly value: unknown;
}

/** A random change of examples in training. */
export interface ExampleTransform {
  /** Kinds of column that it changes; other values pass as they are. */
  readonly kinds: readonly string[];
  /**
   * Draws the change of one example, given every value that moves together, and returns how it changes each of them.
   * Null drops the value: a modality that is missing in this step.
   */
  draw(values: readonly Moved[], random: RandomStream): (moved: Moved) => unknown;
}
