import { z } from "zod";
import { kindOf } from "../columns/index.ts";
import { imageSize, type ImagesColumn, type Raster } from "../columns/images.ts";
import { isPresent } from "../columns/storage.ts";
import { conversionCautions, convertImage } from "../images/convert-images.ts";
import { pixelsPerImage } from "../images/image-shape.ts";
import { resampled, valuesOf } from "../volumes/grids.ts";
import { normaliseImage } from "../transforms/normalise.ts";
import { VesaliusError } from "../../common/errors.ts";
import { encoderEntry } from "./encoder.ts";

/** Images that are looked at for statistics; the mean of so many hardly changes with more. */
const sampled = 2048;

const settings = z.strictObject({
  channels: z.int().positive(),
  height: z.int().positive(),
  width: z.int().positive(),
  /** Mean of each channel, on the scale where white is 1; from the training images where it is left out. */
  mean: z.array(z.number()).min(1).optional(),
  /** Standard deviation of each channel. */
  std: z.array(z.number().positive()).min(1).optional(),
});

type PixelSettings = z.output<typeof settings>;

/** An image as 8-bit pixels of the encoder's size and channels. */
function sized(raster: Raster, shape: PixelSettings): Raster {
  const [height, width] = raster.extents as [number, number];
  if (raster.channels === shape.channels && height === shape.height && width === shape.width) return raster;
  const from = { channels: raster.channels, height, width };
  const data = new Uint8Array(pixelsPerImage(shape));
  convertImage(raster.data as Uint8Array, from, shape, data);
  return { channels: shape.channels, extents: [shape.height, shape.width], data, scale: 255 };
}

/** Mean and deviation of each channel over the first images of columns. */
async function statistics(columns: readonly ImagesColumn[], shape: PixelSettings) {
  const { channels, height, width } = shape;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let count = 0;
  for (const column of columns) {
    for (let start = 0; start < column.length && count < sampled; start += 64) {
      const rows = Int32Array.from(
        { length: Math.min(64, column.length - start, sampled - count) },
        (_, i) => start + i,
      );
      for (const raster of await kindOf(column).read(column, rows)) {
        if (raster === null) continue;
        const { data } = sized(raster as Raster, shape);
        for (let channel = 0; channel < channels; channel++)
          for (let i = channel * height * width; i < (channel + 1) * height * width; i++) {
            const value = Math.fround(data[i]! / 255);
            sums[channel]! += value;
            squares[channel]! += value ** 2;
          }
        count++;
      }
    }
  }
  const pixels = count * height * width;
  if (pixels === 0) throw new VesaliusError("bad-data", "there is no image to take statistics of");
  const mean = Array.from(sums, (sum) => sum / pixels);
  // A constant channel has no deviation; 1 leaves it as it is.
  const std = mean.map((value, channel) => Math.sqrt(Math.max(squares[channel]! / pixels - value ** 2, 0)) || 1);
  return { mean, std };
}

/** Images as normalised pixels: `pixels` `[rows, channels, height, width]`, `(pixel / 255 - mean) / std`. */
export const pixels = encoderEntry({
  name: "pixels",
  summary: "Images at one size, normalised by the mean and deviation of the training images.",
  settings,
  create(shape) {
    const { channels, height, width, mean = [0], std = [1] } = shape;
    for (const [name, values] of Object.entries({ mean, std }))
      if (values.length !== 1 && values.length !== channels)
        throw new VesaliusError("bad-configuration", `${name} has ${values.length} values for ${channels} channels`, {
          where: "encoder pixels",
          fix: "give one value, or one for each channel",
        });
    const size = valuesOf(channels, [height, width]);
    return {
      reads: [["images"]],
      inputs: (rows) => ({ pixels: { dtype: "float32", shape: [rows, channels, height, width] } }),
      prepare: ([raster]) => [sized(raster as Raster, shape)],
      standardization: shape.mean === undefined ? {} : { pixels: { mean, std } },
      restore: (output, [raster]) => resampled(output, (raster as Raster).extents, "linear"),
      encode(examples, { pixels: into }) {
        examples.forEach((values, row) => {
          if (values === null) return;
          const raster = values[0] as Raster;
          if (raster.data.length !== size)
            throw new VesaliusError(
              "shape-mismatch",
              `a transform left ${raster.channels} x ${raster.extents.join(" x ")} pixels, ${channels} x ${height} x ${width} are read`,
              { fix: "change the transform, or the size of the network" },
            );
          const target = (into as Float32Array).subarray(row * size, (row + 1) * size);
          if (raster.scale === 1) target.set(raster.data);
          else for (let i = 0; i < size; i++) target[i] = raster.data[i]! / 255;
          normaliseImage(target, shape, target, { mean, std });
        });
      },
    };
  },
  loses(shape, columns) {
    const sizes = (columns as readonly ImagesColumn[]).flatMap((column) =>
      Array.from({ length: column.length }, (_, row) => row)
        .filter((row) => isPresent(column, row))
        .map((row) => imageSize(column, row)),
    );
    const changes = conversionCautions(
      sizes.map(([channels, height, width]) => ({ channels, height, width })),
      sizes.map(() => shape),
    );
    return changes.map((change) => change.replace(/\.$/, ": the network's imageSize and channels decide that."));
  },
  async fit(given, columns) {
    if (given.mean !== undefined && given.std !== undefined) return given;
    return { ...given, ...(await statistics(columns as readonly ImagesColumn[], given)) };
  },
});
