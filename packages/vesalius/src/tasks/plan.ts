import {
  builtInFeeds,
  columnNamed,
  type FeedCatalogues,
  type FeedPlan,
  type Feeds,
  type Part,
  type Split,
} from "../data/index.ts";
import type { Spec } from "../common/catalogue.ts";

/** What of a plan belongs to a run, not to a task or objective. */
export interface PlanOptions {
  /** Rows of a batch at the largest shape; never more than there are examples. */
  readonly batchSize: number;
  readonly seed: number;
  /** Random changes of the parts that are read, in place of those of the feeds. */
  readonly transforms?: readonly Spec[];
  /** Random changes of whole examples, in place of those of the feeds. */
  readonly together?: readonly Spec[];
  /** Order of the examples, in place of that of the feeds. */
  readonly sampler?: Spec;
  /** Shapes of parts that vary, in place of those chosen from the data. */
  readonly extents?: Readonly<Record<string, readonly number[]>>;
  readonly catalogues?: FeedCatalogues;
}

/** The transforms that change the kind of column that a part reads. */
const fitting = (part: Part, split: Split, transforms: readonly Spec[], { transforms: known }: FeedCatalogues) =>
  transforms.filter((spec) => known.create(spec).kinds.includes(columnNamed(split, part.columns[0]!).kind));

/** A plan of training from what a task or objective feeds. */
export function trainingPlan(feeds: Feeds, split: Split, options: PlanOptions): FeedPlan {
  const { batchSize, seed, transforms, together = feeds.together, catalogues = builtInFeeds } = options;
  const parts = Object.entries(feeds.parts).map(([name, part]) => {
    if (transforms === undefined || part.target === true) return [name, part] as const;
    const { transforms: _replaced, ...rest } = part;
    return [name, { ...rest, transforms: fitting(part, split, transforms, catalogues) }] as const;
  });
  return {
    parts: Object.fromEntries(parts),
    ...(together === undefined ? {} : { together }),
    sampler: options.sampler ?? feeds.sampler ?? { name: "shuffled" },
    rows: Math.min(batchSize, split.length),
    extents: options.extents ?? {},
    seed,
  };
}

/** A plan of prediction: one pass, no random changes, nothing that is to be predicted. */
export function predictionPlan(feeds: Feeds, rows: number): FeedPlan {
  const parts = Object.entries(feeds.prediction ?? feeds.parts).flatMap(([name, { transforms: _random, ...part }]) =>
    part.target === true ? [] : [[name, part] as const],
  );
  return { parts: Object.fromEntries(parts), sampler: { name: "onePass" }, rows, extents: {}, seed: 0 };
}
