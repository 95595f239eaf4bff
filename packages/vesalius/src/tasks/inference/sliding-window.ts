import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { validate } from "../../common/check.ts";
import { builtInFeeds, type Encoder, type GridValues, readExamples, type Split } from "../../data/index.ts";
import { elementCount, type Tensors } from "../../graph/index.ts";
import type { Inference, InferenceOptions, Runner } from "./inference.ts";
import { stopIfInterrupted } from "./interruption.ts";
import { gaussianImportance, visitBox, windowStarts } from "./windows.ts";

/** Settings of a sliding window. */
export const slidingWindowSchema = z.strictObject({
  /** Role whose images or volumes are covered by windows: the only one that the model reads. */
  role: z.string().optional(),
  /** Share of a window that the next one covers again. */
  overlap: z.number().min(0).lt(1).default(0.5),
  /** Windows that are run at once. */
  batchSize: z.int().positive().default(2),
});

/** What a role's encoder makes of a window. */
interface WindowEncoder {
  readonly encoder: Encoder;
  readonly role: string;
  /** Name of the input. */
  readonly input: string;
  readonly channels: number;
  readonly window: readonly number[];
}

function windowEncoder(runner: Runner, wanted: string | undefined): WindowEncoder {
  const names = Object.keys(runner.plan.parts);
  const role = wanted ?? names[0]!;
  if (names.length !== 1 || names[0] !== role)
    throw new VesaliusError(
      "bad-configuration",
      `a sliding window reads ${wanted ?? "one role"} alone, the model reads ${names.join(", ")}`,
      {
        where: "task.inference",
        fix: "use onePass",
      },
    );
  const encoder = builtInFeeds.encoders.create(runner.plan.parts[role]!.encoder);
  const [input, type] = Object.entries(encoder.inputs(1, 0))[0]!;
  const [, channels, ...window] = type.shape as readonly [number, number, ...number[]];
  return { encoder, role, input, channels, window };
}

/** The values of a prepared example, padded at the end to at least a window. */
function padded({ channels, extents, data }: GridValues, window: readonly number[]): GridValues {
  const larger = extents.map((extent, axis) => Math.max(extent, window[axis]!));
  if (larger.every((extent, axis) => extent === extents[axis])) return { channels, extents, data };
  const [before, after] = [elementCount(extents), elementCount(larger)];
  const result = new Float32Array(channels * after);
  visitBox(
    larger,
    extents.map(() => 0),
    extents,
    (place, inBox) => {
      for (let channel = 0; channel < channels; channel++)
        result[channel * after + place] = data[channel * before + inBox]!;
    },
  );
  return { channels, extents: larger, data: result };
}

/** Weighted mean of the answers of all windows over a grid, `[outputs, ...extents]`. */
async function cover(
  runner: Runner,
  grid: GridValues,
  { role, input, channels, window }: WindowEncoder,
  settings: z.output<typeof slidingWindowSchema>,
  stopIfAsked: () => void,
): Promise<Map<string, GridValues>> {
  const starts = windowStarts(grid.extents, window, settings.overlap);
  const importance = gaussianImportance(window);
  const [whole, size] = [elementCount(grid.extents), elementCount(window)];
  const weights = new Float32Array(whole);
  const sums = new Map<string, { readonly outputs: number; readonly data: Float32Array }>();
  const rows = Math.min(settings.batchSize, starts.length);
  const name = `${role}.${input}`;
  const shape = [rows, channels, ...window];
  for (let first = 0; first < starts.length; first += rows) {
    stopIfAsked();
    const some = starts.slice(first, first + rows);
    const data = new Float32Array(elementCount(shape));
    some.forEach((start, row) =>
      visitBox(grid.extents, start, window, (place, inBox) => {
        for (let channel = 0; channel < channels; channel++)
          data[(row * channels + channel) * size + inBox] = grid.data[channel * whole + place]!;
      }),
    );
    const feeds: Tensors = new Map([[name, { dtype: "float32", shape, data }]]);
    const outputs = await runner.run({ [name]: { dtype: "float32", shape } }, rows, feeds);
    some.forEach((start, row) => {
      visitBox(grid.extents, start, window, (place, inBox) => (weights[place]! += importance[inBox]!));
      for (const [output, tensor] of outputs) {
        const count = tensor.shape[1]!;
        const sum = sums.get(output) ?? { outputs: count, data: new Float32Array(count * whole) };
        sums.set(output, sum);
        const values = tensor.data as Float32Array;
        visitBox(grid.extents, start, window, (place, inBox) => {
          for (let channel = 0; channel < count; channel++)
            sum.data[channel * whole + place]! += importance[inBox]! * values[(row * count + channel) * size + inBox]!;
        });
      }
    });
  }
  return new Map(
    [...sums].map(([output, { outputs: count, data }]) => {
      for (let i = 0; i < data.length; i++) data[i] = data[i]! / weights[i % whole]!;
      return [output, { channels: count, extents: grid.extents, data }];
    }),
  );
}

/** Takes the padding of `padded` off again. */
function cropped(grid: GridValues, extents: readonly number[]): GridValues {
  if (extents.every((extent, axis) => extent === grid.extents[axis])) return grid;
  const [before, after] = [elementCount(grid.extents), elementCount(extents)];
  const data = new Float32Array(grid.channels * after);
  visitBox(
    grid.extents,
    extents.map(() => 0),
    extents,
    (place, inBox) => {
      for (let channel = 0; channel < grid.channels; channel++)
        data[channel * after + inBox] = grid.data[channel * before + place]!;
    },
  );
  return { channels: grid.channels, extents, data };
}

/**
 * Images and volumes of any size through a network of one window: overlapping windows, whose answers are averaged with
 * more weight in their middle (nnU-Net, MONAI's `sliding_window_inference`) and brought back to the example's own grid.
 * One example is held at a time.
 *
 * @throws VesaliusError `bad-configuration` for models that read more than one role
 */
export function slidingWindow(options: z.input<typeof slidingWindowSchema> = {}): Inference {
  const settings = validate(slidingWindowSchema, options, { code: "bad-configuration", what: "slidingWindow" });
  return {
    name: "slidingWindow",
    async *results(runner: Runner, split: Split, columns: readonly string[], { signal, onProgress }: InferenceOptions) {
      const reader = windowEncoder(runner, settings.role);
      const [source] = runner.plan.parts[reader.role]!.columns as [string];
      for (let row = 0; row < split.length; row++) {
        const [example] = await readExamples(split, [...new Set([source, ...columns])], [row]);
        const values = [example![source]];
        if (values[0] === null)
          throw new VesaliusError("bad-data", `an example has no ${source}`, {
            where: `split ${split.name}, row ${row}`,
          });
        const [prepared] = (reader.encoder.prepare?.(values) ?? values) as [GridValues];
        const answers = await cover(runner, padded(prepared, reader.window), reader, settings, () =>
          stopIfInterrupted(signal, row, split.length),
        );
        const outputs = Object.fromEntries(
          [...answers].map(([name, grid]) => {
            const own = cropped(grid, prepared.extents);
            const { channels, extents, data } = reader.encoder.restore?.(own, values) ?? own;
            return [name, { dtype: "float32" as const, shape: [channels, ...extents], data }];
          }),
        );
        yield { id: split.ids[row]!, row, example: example!, outputs };
        onProgress?.(row + 1, split.length);
      }
    },
  };
}
