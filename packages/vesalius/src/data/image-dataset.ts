import type { DatasetCard } from "./dataset-card.ts";

/** The three parts of a dataset. Pretraining and adaptation see `train`; `validation` chooses; `test` is looked at last. */
export type SplitName = "train" | "validation" | "test";

/**
 * Where pixels come from. A source can be handed to another thread: everything in it survives a structured clone
 * (typed arrays over SharedArrayBuffer are shared, not copied).
 */
export type ImageSource =
  | {
      /** Decoded pixels in one shared block, `[count, channels, height, width]`, 0-255. */
      readonly kind: "memory";
      readonly pixels: Uint8Array;
      readonly count: number;
      readonly channels: number;
      readonly height: number;
      readonly width: number;
    }
  | {
      /** Encoded files, decoded when a batch needs them and resized to `[channels, height, width]`. */
      readonly kind: "files";
      readonly paths: readonly string[];
      readonly channels: number;
      readonly height: number;
      readonly width: number;
    };

/** One part of an image dataset. Row i of every column belongs to image i. */
export interface ImageSplit {
  readonly name: SplitName;
  readonly length: number;
  /** Stable identifier of each image inside the dataset: the file name, or `train/17` for arrays. */
  readonly ids: readonly string[];
  /** Class index of each image; undefined where the data carry no labels. */
  readonly labels: Int32Array | undefined;
  /** Grouping key (patient, lesion, study) of each image; undefined where none is known. */
  readonly groups: readonly string[] | undefined;
  /** Columns for subgroup figures (site, sex, age ...); null stands for a missing value. */
  readonly attributes: Readonly<Record<string, readonly (string | number | null)[]>>;
  readonly images: ImageSource;
  /**
   * Content hash of each image as it was stored, before any resizing; equal hashes mean byte-identical images. Absent
   * for images that no reader opened (made by a program), which then count as all different.
   */
  readonly fingerprints?: readonly string[] | undefined;
}

/** Images with optional labels, split so that no group and no byte-identical image is in two parts. */
export interface ImageDataset {
  readonly kind: "images";
  /** Short name, the folder's name by default. */
  readonly name: string;
  /** Class names; the position is the class index. Empty for unlabelled data. */
  readonly labels: readonly string[];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly train: ImageSplit;
  readonly validation: ImageSplit | undefined;
  readonly test: ImageSplit | undefined;
  readonly card: DatasetCard;
}

/** One batch, ready for a graph with fixed shapes: always `batchSize` rows, of which the first `size` are real. */
export interface ImageBatch {
  /** `[batchSize, channels, height, width]`, float32, normalised as the loader was told. */
  readonly images: Float32Array;
  /** `[batchSize]` class indices; -1 where there is no label and in padding rows. */
  readonly labels: Int32Array;
  /** `[batchSize]` positions in the split; -1 in padding rows. */
  readonly indices: Int32Array;
  /** Number of real rows; the rest repeat the last real row. */
  readonly size: number;
}

/**
 * Batches by step number. The same step always gives the same batch, so a resumed run needs no loader state:
 * epoch = floor(step / stepsPerEpoch), and the order inside an epoch is drawn from the seed and the epoch.
 */
export interface ImageBatches {
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** Batch of a step, prepared ahead off the caller's thread where the platform allows. */
  batch(step: number): Promise<ImageBatch>;
  /** Stops worker threads; the object cannot be used afterwards. */
  close(): Promise<void>;
}
