import type { ImageDataset, ImageSplit } from "../../data/index.ts";

/** The images of a run, at the size of its backbone. */
export interface RunData {
  readonly task: ImageDataset | undefined;
  readonly pretraining: ImageSplit | undefined;
  /** Every dataset that is used, each once. */
  readonly datasets: readonly ImageDataset[];
  /** Whether all images were made by a program. */
  readonly synthetic: boolean;
  /** Identifies the images and labels. */
  readonly digest: string;
}
