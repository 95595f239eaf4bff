import type { ImageShape } from "./image-source.ts";
import type { ImageLoader } from "./loaders/image-loader.ts";

/** Images that are looked at; the mean of so many hardly changes with more. */
const sampled = 2048;

/**
 * Mean and standard deviation of the pixels of each channel, on the scale where white is 1, over at most the first
 * 2,048 images.
 *
 * @param loader one pass over the images without normalisation; it is closed afterwards
 */
export async function imageStatistics(
  loader: ImageLoader,
  { channels, height, width }: ImageShape,
): Promise<{ mean: number[]; std: number[] }> {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let count = 0;
  try {
    for (let step = 0; step < loader.stepsPerEpoch && step * loader.batchSize < sampled; step++) {
      const { images, size } = await loader.batch(step);
      for (let row = 0; row < size; row++)
        for (let channel = 0; channel < channels; channel++) {
          const start = (row * channels + channel) * height * width;
          for (let i = start; i < start + height * width; i++) {
            sums[channel]! += images[i]!;
            squares[channel]! += images[i]! ** 2;
          }
        }
      count += size * height * width;
    }
  } finally {
    await loader.close();
  }
  const mean = Array.from(sums, (sum) => sum / count);
  // A constant channel has no deviation; 1 leaves it as it is.
  const std = mean.map((value, channel) => Math.sqrt(Math.max(squares[channel]! / count - value ** 2, 0)) || 1);
  return { mean, std };
}
