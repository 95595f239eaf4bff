import type { Graph } from "../../graph/index.ts";
import type { Backbone } from "../../models/index.ts";

/** What a backbone learns without labels. */
export interface PretrainingObjective {
  readonly name: string;
  /** Settings as they are recorded. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * Builds the graph of one batch: an input `images` `[batch, channels, height, width]`, random inputs as needed, and a
   * scalar output `loss`. The backbone's parameters keep their names.
   */
  build(backbone: Backbone, batchSize: number): Graph;
}
