import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Volume } from "../columns/volumes.ts";
import { centredCopy, extentsAt, placesOf, resampled, valuesOf } from "../volumes/grids.ts";
import { encoderEntry, type GridValues } from "./encoder.ts";

const extents = z.array(z.int().positive()).length(3);

const settings = z.strictObject({
  channels: z.int().positive().default(1),
  /** Extents that the network reads, in the order of the volume's own (slices, rows, columns). */
  extents,
  /** Millimetres to which every volume is brought; as stored where it is left out. */
  spacing: z.array(z.number().positive()).length(3).optional(),
  /**
   * How intensities are brought to one scale, for each volume alone: zero mean and unit deviation (`zScore`), the 1st and
   * 99th percentile to 0 and 1 (`percentiles`), a window to 0 and 1 (computed tomography), or not at all.
   */
  normalization: z
    .union([
      z.enum(["zScore", "percentiles", "none"]),
      z.strictObject({
        window: z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, "low exceeds high"),
      }),
    ])
    .default("zScore"),
});

type VoxelSettings = z.output<typeof settings>;

/** A volume of the encoder's spacing and scale of intensities; masks have one channel of class indices. */
export interface PreparedVolume extends GridValues {
  readonly spacing: readonly number[];
}

/** Lowest and highest value of each channel that become 0 and 1, or mean and deviation that become 0 and 1. */
function scaleOf(values: Float32Array, normalization: VoxelSettings["normalization"]): readonly [number, number] {
  if (normalization === "none") return [0, 1];
  if (typeof normalization === "object")
    return [normalization.window[0], normalization.window[1] - normalization.window[0]];
  if (normalization === "percentiles") {
    const sorted = Float32Array.from(values).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return [at(0.01), at(0.99) - at(0.01) || 1];
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  // A constant volume has no deviation; 1 leaves it as it is.
  return [mean, Math.sqrt(variance) || 1];
}

function normalised(grid: GridValues, normalization: VoxelSettings["normalization"]): Float32Array {
  const size = placesOf(grid.extents);
  const data = Float32Array.from(grid.data);
  for (let channel = 0; channel < grid.channels; channel++) {
    const values = data.subarray(channel * size, (channel + 1) * size);
    const [low, range] = scaleOf(values, normalization);
    const clips = normalization === "percentiles" || typeof normalization === "object";
    for (let i = 0; i < values.length; i++) {
      const scaled = (values[i]! - low) / range;
      values[i] = clips ? Math.min(Math.max(scaled, 0), 1) : scaled;
    }
  }
  return data;
}

/**
 * Volumes as normalised voxels: `voxels` `[rows, channels, ...extents]`. A volume that is larger than the extents is cut
 * around its centre, a smaller one is padded with zeros; `slidingWindow` covers all of a large one.
 */
export const voxels = encoderEntry({
  name: "voxels",
  summary: "Volumes at one spacing and extent, each normalised by its own intensities.",
  settings,
  create(given) {
    const { channels, extents: window, spacing, normalization } = given;
    const size = placesOf(window);
    valuesOf(channels, window);
    const prepare = (volume: Volume): PreparedVolume => {
      if (volume.channels !== channels)
        throw new VesaliusError("bad-data", `a volume has ${volume.channels} channels, ${channels} are read`, {
          fix: "choose a network for that many channels",
        });
      const bad = volume.data.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) throw new VesaliusError("not-a-number", "a volume holds a voxel that is not finite");
      const target = spacing === undefined ? volume.extents : extentsAt(volume.extents, volume.spacing, spacing);
      const grid = resampled(volume, target, "linear");
      return { ...grid, data: normalised(grid, normalization), spacing: spacing ?? volume.spacing };
    };
    return {
      reads: [["volumes"]],
      inputs: (rows) => ({ voxels: { dtype: "float32", shape: [rows, channels, ...window] } }),
      prepare: ([volume]) => [prepare(volume as Volume)],
      encode(examples, { voxels: into }) {
        examples.forEach((values, row) => {
          if (values === null) return;
          const { data, extents: own } = values[0] as PreparedVolume;
          const target = (into as Float32Array).subarray(row * channels * size, (row + 1) * channels * size);
          centredCopy(data, own, target, window, channels);
        });
      },
      restore(output, [volume]) {
        const { extents: stored, spacing: own } = volume as Volume;
        const whole = spacing === undefined ? stored : extentsAt(stored, own, spacing);
        let grid = output;
        if (output.extents.some((extent, axis) => extent !== whole[axis])) {
          const data = new Float32Array(output.channels * placesOf(whole));
          centredCopy(output.data, output.extents, data, whole, output.channels);
          grid = { channels: output.channels, extents: whole, data };
        }
        return resampled(grid, stored, "linear");
      },
    };
  },
});
