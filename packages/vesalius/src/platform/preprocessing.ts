import { platform } from "#platform";
import { imageStatistics, type ImageSplit } from "../data/index.ts";
import type { Backbone, Preprocessing } from "../models/index.ts";

/** Preprocessing of a backbone; one that has seen no data yet takes it from the pixels of a split. */
export async function preprocessingOf(backbone: Backbone, split: ImageSplit): Promise<Preprocessing> {
  if (backbone.preprocessing !== undefined) return backbone.preprocessing;
  const loader = platform.sequentialLoader(split, { batchSize: Math.min(64, split.length), workers: 0 });
  return imageStatistics(loader, split.images);
}
