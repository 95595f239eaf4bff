import type { Dataset, Split } from "../../data/index.ts";

/** The data of a run. */
export interface RunData {
  readonly task: Dataset | undefined;
  /** What adaptation trains on. */
  readonly train: Split | undefined;
  /** What pretraining learns from: the training splits of its sources, one after the other. */
  readonly pretraining: Split | undefined;
  /** Examples that pretraining does not learn from, to show what it learned; undefined where there are none. */
  readonly shown: Split | undefined;
  /** Examples on which pretraining is measured; undefined where the recipe asks for nothing. */
  readonly heldOut: Split | undefined;
  /** Every dataset that is used, each once. */
  readonly datasets: readonly Dataset[];
  /** Whether all data were made by a program. */
  readonly synthetic: boolean;
}
