import {
  cast,
  concat,
  divide,
  equal,
  gather,
  identityMatrix,
  logSoftmax,
  meanOf,
  multiply,
  negate,
  reduceSum,
  reshape,
  select,
  slice,
  subtract,
  type Value,
} from "../../../graph/index.ts";
import { products, withoutSelf } from "./similarities.ts";

/** Options of `supervisedContrastiveLoss`. */
export interface SupervisedContrastiveOptions {
  /** 0.07 by default. */
  readonly temperature?: number;
  /** Temperature at which the loss has weight 1; 0.07 by default. */
  readonly baseTemperature?: number;
  /** Whether `all` views look for their like, or the first view of `one` image alone; `all` by default. */
  readonly anchors?: "all" | "one";
}

/**
 * Supervised contrastive loss (Khosla et al. 2020), as HobbitLong/SupContrast: every view finds all views of its class
 * among all other views. Without labels each image is a class of its own, which is SimCLR's loss.
 *
 * @param features normalised, `[batch, views, width]`
 * @param labels class numbers `[batch]`, int32 or int64
 * @returns scalar
 */
export function supervisedContrastiveLoss(
  features: Value,
  labels: Value | undefined,
  options: SupervisedContrastiveOptions = {},
): Value {
  const { temperature = 0.07, baseTemperature = 0.07, anchors = "all" } = options;
  const { graph } = features;
  const [batch, views] = features.shape as [number, number, number];
  const total = batch * views;
  const contrast = concat(
    Array.from({ length: views }, (_, view) => select(features, 1, view)),
    0,
  );
  const image = Int32Array.from({ length: total }, (_, row) => row % batch);
  const images = graph.constant({ dtype: "int32", shape: [total], data: image });
  const classes = labels === undefined ? images : gather(labels, images);
  const count = anchors === "all" ? total : batch;
  const rows = (x: Value): Value => slice(x, 0, 0, count);
  // Row i never meets itself, which stands in column i whichever rows are anchors.
  const others = subtract(graph.scalar(1), identityMatrix(graph, total));
  const alike = cast(equal(reshape(classes, [total, 1]), reshape(classes, [1, total])), "float32");
  const positives = rows(multiply(alike, others));
  const logProbabilities = logSoftmax(rows(withoutSelf(multiply(products(contrast, contrast), 1 / temperature))));
  const meanPositive = divide(reduceSum(multiply(positives, logProbabilities), [1]), reduceSum(positives, [1]));
  return multiply(negate(meanOf(meanPositive)), temperature / baseTemperature);
}
