import { platform } from "#platform";
import { type ImageSplit, subset } from "../../data/index.ts";
import type { Tensors } from "../../graph/index.ts";
import { type Backbone, inputShape, type ReadyBackbone } from "../../models/index.ts";
import type { PretrainingObjective } from "../../pretraining/index.ts";
import { type Backend, Program } from "../../runtime/index.ts";
import { randomInputs } from "../../training/index.ts";

/** One image as it is, with most patches hidden, and with the hidden ones filled in by the model; 0-255. */
export interface Reconstruction {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** `[height, width, channels]` each. */
  readonly original: Uint8Array;
  readonly masked: Uint8Array;
  readonly reconstructed: Uint8Array;
}

/** Grey of a hidden patch. */
const hidden = 0.5;

/** Patches of a batch as the model sees them. */
export interface PatchPrediction {
  /** `[patches, patch * patch * channels]`, channels last inside a patch, on the scale of the network's inputs. */
  readonly prediction: Float32Array;
  /** `[patches]`, 1 where a patch was hidden. */
  readonly mask: Float32Array;
  /** Whether patches were normalised by their own mean and deviation. */
  readonly normalized: boolean;
}

/** Mean and unbiased deviation of a patch, by which its pixels were normalised. */
function patchScale(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, deviation: Math.sqrt(variance + 1e-6) };
}

const toByte = (value: number): number => Math.round(255 * Math.min(1, Math.max(0, value)));

/**
 * Puts predicted patches back into an image. A prediction of normalised patches is scaled with the mean and deviation of
 * the true patch, as the figures of He et al. (2022) do: it shows structure, not brightness.
 *
 * @param image `[channels, height, width]` on the scale of the network's inputs
 */
export function reconstruct(
  image: Float32Array,
  { prediction, mask, normalized }: PatchPrediction,
  backbone: ReadyBackbone,
): Reconstruction {
  const [channels, height, width] = inputShape(backbone);
  const { patchSize } = backbone.config;
  const columns = width / patchSize;
  const { mean, std } = backbone.preprocessing;
  const pixel = (value: number, channel: number): number =>
    value * (std[channel] ?? std[0]!) + (mean[channel] ?? mean[0]!);
  const make = (): Uint8Array => new Uint8Array(channels * height * width);
  const [original, masked, reconstructed] = [make(), make(), make()];
  for (const [patch, isHidden] of mask.entries()) {
    const top = Math.floor(patch / columns) * patchSize;
    const left = (patch % columns) * patchSize;
    const inside = patchSize * patchSize * channels;
    // Position of each value of the patch in the image, in the order of the prediction.
    const places = Array.from({ length: inside }, (_, i) => {
      const place = Math.floor(i / channels);
      return { channel: i % channels, y: top + Math.floor(place / patchSize), x: left + (place % patchSize) };
    });
    const truth = places.map(({ channel, y, x }) => image[(channel * height + y) * width + x]!);
    const { mean: centre, deviation } = normalized ? patchScale(truth) : { mean: 0, deviation: 1 };
    places.forEach(({ channel, y, x }, i) => {
      const at = (y * width + x) * channels + channel;
      original[at] = toByte(pixel(truth[i]!, channel));
      masked[at] = isHidden === 1 ? toByte(hidden) : original[at];
      reconstructed[at] =
        isHidden === 1 ? toByte(pixel(prediction[patch * inside + i]! * deviation + centre, channel)) : original[at];
    });
  }
  return { channels, height, width, original, masked, reconstructed };
}

/**
 * Runs the pretraining graph of masked image modelling over the first images of a split.
 *
 * @param weights of backbone and decoder
 * @param count images to show; fewer where the split has fewer
 * @param seed of the masks
 */
export async function reconstructImages(
  backbone: Backbone & ReadyBackbone,
  objective: PretrainingObjective,
  weights: Tensors,
  split: ImageSplit,
  { count, seed, backend }: { readonly count: number; readonly seed: number; readonly backend: Backend },
): Promise<Reconstruction[]> {
  const length = Math.min(count, split.length);
  const shown = subset(
    split,
    Array.from({ length }, (_, i) => i),
  );
  const loader = platform.sequentialLoader(shown, { batchSize: length, workers: 0, ...backbone.preprocessing });
  const { images } = await loader.batch(0);
  await loader.close();
  const graph = objective.build(backbone, length);
  const program = await Program.compile(graph, backend);
  try {
    const { shape } = graph.inputs.get("images")!;
    const feeds = new Map([
      ["images", { dtype: "float32" as const, shape, data: images }],
      ...randomInputs(graph, seed, 0),
    ]);
    const outputs = await program.run(feeds, weights);
    const [prediction, mask] = [
      outputs.get("prediction")!.data as Float32Array,
      outputs.get("mask")!.data as Float32Array,
    ];
    const rows = (values: Float32Array, row: number) =>
      values.subarray((row * values.length) / length, ((row + 1) * values.length) / length);
    return Array.from({ length }, (_, row) =>
      reconstruct(
        rows(images, row),
        {
          prediction: rows(prediction, row),
          mask: rows(mask, row),
          normalized: objective.settings["normalizePixels"] === true,
        },
        backbone,
      ),
    );
  } finally {
    await program.release();
  }
}
