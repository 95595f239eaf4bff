import { encode } from "fast-png";
import type { GridValues, Mask } from "../../data/index.ts";

/** Least height or width of a picture: small slices are enlarged by a whole number. */
const leastSide = 192;
/** Greatest side: larger slices are drawn by every so many pixels. */
const greatestSide = 512;

type Colour = readonly [red: number, green: number, blue: number];
/** Apart for those who see no red or no green too, and on grey. */
const colours = { truth: [0, 158, 255], prediction: [255, 159, 0], both: [255, 255, 255] } as const satisfies Record<
  string,
  Colour
>;

/** A picture as it stands in a report. */
export interface OutlinedPicture {
  readonly dataUri: string;
  /** The slice, counted from 1, of a volume. */
  readonly slice: string | undefined;
}

/** One slice: what its rows and columns are in millimetres, and how its values are found. */
interface Slice {
  readonly height: number;
  readonly width: number;
  /** Height of a pixel divided by its width. */
  readonly aspect: number;
  readonly value: (row: number, column: number) => number;
  readonly truth: (row: number, column: number) => number;
  readonly prediction: (row: number, column: number) => number;
}

/** The middle of the slices along the first axis in which a mask has a structure; of all slices where it has none. */
function middleSlice({ extents, data }: Mask): number {
  const size = extents.slice(1).reduce((product, extent) => product * extent, 1);
  const held = Array.from({ length: extents[0]! }, (_, slice) => slice).filter((slice) =>
    data.subarray(slice * size, (slice + 1) * size).some((value) => value !== 0),
  );
  return held.length === 0 ? Math.floor(extents[0]! / 2) : held[Math.floor(held.length / 2)]!;
}

/** Grey of a value between the hundredths of a slice's values that lie lowest and highest. */
function greyScale({ height, width, value }: Slice): (value: number) => number {
  const values = Float64Array.from({ length: height * width }, (_, i) =>
    value(Math.floor(i / width), i % width),
  ).sort();
  const [low, high] = [0.01, 0.99].map((share) => values[Math.floor(share * (values.length - 1))]!) as [number, number];
  return (one) => (high > low ? Math.round(255 * Math.min(1, Math.max(0, (one - low) / (high - low)))) : 128);
}

/** Draws a slice in grey with the outlines of all structures. */
function draw(slice: Slice): string {
  const { height, width, aspect, value, truth, prediction } = slice;
  const [tall, wide] = [height * Math.max(1, aspect), width * Math.max(1, 1 / aspect)];
  const largest = Math.max(tall, wide);
  const zoom = largest < leastSide ? Math.ceil(leastSide / largest) : Math.min(1, greatestSide / largest);
  const [rows, columns] = [Math.max(1, Math.round(tall * zoom)), Math.max(1, Math.round(wide * zoom))];
  const grey = greyScale(slice);
  const at =
    (of: (row: number, column: number) => number) =>
    (y: number, x: number): number =>
      of(Math.min(height - 1, Math.floor((y * height) / rows)), Math.min(width - 1, Math.floor((x * width) / columns)));
  const outlined = (of: (row: number, column: number) => number): ((y: number, x: number) => boolean) => {
    const classAt = at(of);
    return (y, x) => {
      const own = classAt(y, x);
      if (own === 0) return false;
      // Two pixels of the picture thick, inside the structure.
      for (const step of [1, 2])
        for (const [dy, dx] of [
          [step, 0],
          [-step, 0],
          [0, step],
          [0, -step],
        ] as const) {
          const [v, u] = [y + dy, x + dx];
          if (v < 0 || u < 0 || v >= rows || u >= columns || classAt(v, u) !== own) return true;
        }
      return false;
    };
  };
  const [ofTruth, ofPrediction, shade] = [outlined(truth), outlined(prediction), at(value)];
  const data = new Uint8Array(rows * columns * 3);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const [inTruth, inPrediction] = [ofTruth(y, x), ofPrediction(y, x)];
      const tone = grey(shade(y, x));
      const colour: Colour = inTruth
        ? inPrediction
          ? colours.both
          : colours.truth
        : inPrediction
          ? colours.prediction
          : [tone, tone, tone];
      data.set(colour, (y * columns + x) * 3);
    }
  const bytes = encode({ width: columns, height: rows, data, channels: 3, depth: 8 });
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}

/**
 * A case with the outlines of truth (blue), prediction (orange) and where both lie on each other (white). Of a volume it is
 * the middle one of the slices along the first axis that hold a structure of the truth; of several channels the first.
 *
 * @param image on the grid of the masks
 * @param prediction null where there is no answer
 */
export function outlinedPicture(
  image: Pick<GridValues, "extents"> & { readonly data: ArrayLike<number> },
  truth: Mask,
  prediction: Mask | null,
): OutlinedPicture {
  const [height, width] = truth.extents.slice(-2) as [number, number];
  const volume = truth.extents.length === 3;
  const slice = volume ? middleSlice(truth) : 0;
  const start = slice * height * width;
  const [tall, wide] = (truth.spacing ?? [1, 1]).slice(-2) as [number, number];
  const read =
    (data: ArrayLike<number> | undefined) =>
    (row: number, column: number): number =>
      data?.[start + row * width + column] ?? 0;
  const dataUri = draw({
    height,
    width,
    aspect: tall / wide,
    value: read(image.data),
    truth: read(truth.data),
    prediction: read(prediction?.data),
  });
  return { dataUri, slice: volume ? `slice ${slice + 1} of ${truth.extents[0]}` : undefined };
}
