import type { AnsweringPlace } from "../../adaptation/index.ts";
import type { FeedCatalogues, Split } from "../../data/index.ts";
import type { Backbone } from "../../models/index.ts";
import type { Task } from "../../tasks/index.ts";
import type { Catalogues } from "../catalogues.ts";
import type { RunData } from "../data/run-data.ts";
import type { ResolvedRecipe } from "../resolve.ts";

/** What the stages of a run are planned from: everything is open and checked, nothing is computed yet. */
export interface RunParts {
  readonly recipe: ResolvedRecipe;
  readonly catalogues: Catalogues;
  /** Those of a program's own where feeds need them; batches are then prepared on the caller's thread. */
  readonly feedCatalogues: FeedCatalogues | undefined;
  readonly data: RunData;
  /** Only a shape, or with weights from a folder. */
  readonly start: Backbone;
  /** Hash of the weights that pretraining or adaptation start from; undefined without any. */
  readonly startDigest: string | undefined;
  /** The backbones of methods that have one of their own, by the method's label. */
  readonly own: ReadonlyMap<string, Pick<RunParts, "start" | "startDigest">>;
  /** Where methods that train nothing find what answers. */
  readonly place: AnsweringPlace;
  /** What decides the answers of methods that train nothing beside their settings, by the method's label. */
  readonly answers: ReadonlyMap<string, unknown>;
  /** What the backbone is adapted to, fitted to the data; undefined without adaptation. */
  readonly task: Task | undefined;
  /** Metric that methods are compared by. */
  readonly metric: string | undefined;
  /** What models are evaluated on. */
  readonly evaluated: Split | undefined;
  /** What one example is, in the plural. */
  readonly unit: string;
  /** Whether it is a trial on a handful of examples. */
  readonly smoke: boolean;
}

/** The parts as a method with a backbone of its own sees them, which starts from that. */
export const partsOfMethod = (parts: RunParts, label: string): RunParts => ({ ...parts, ...parts.own.get(label) });
