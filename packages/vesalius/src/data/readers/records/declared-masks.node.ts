import { VesaliusError } from "../../../common/errors.ts";
import { maskData, masksColumn, type StoredMask } from "../../columns/masks.ts";
import { sharedArray } from "../../columns/storage.ts";
import { decodeImage, inspectImage } from "../image-files.node.ts";
import { forEachFile } from "../load-images.node.ts";
import type { ColumnDeclaration } from "./column-declaration.node.ts";
import type { ColumnContext, PreparedColumn } from "./declared-columns.node.ts";

type Masks = Extract<ColumnDeclaration, { kind: "masks" }>;

/** More different values in one mask than this are numbers of objects. */
const MOST_CLASSES = 20;

/** A mask as it is stored, one value a pixel. */
interface Decoded {
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

async function decodeMask(path: string): Promise<Decoded> {
  // No window maps classes: the bits are asked for first.
  if ((await inspectImage(path, [0, 255])).bits === 16)
    throw new VesaliusError("bad-data", "the mask has 16 bits per value", {
      where: path,
      fix: "save masks with 8 bits, one value for each class",
    });
  const { pixels, shape } = await decodeImage(path);
  const { channels, height, width } = shape;
  const plane = height * width;
  for (let channel = 1; channel < channels; channel++) {
    for (let i = 0; i < plane; i++) {
      if (pixels[i] === pixels[channel * plane + i]) continue;
      throw new VesaliusError("bad-data", "the mask has colours, which stand for no class", {
        where: path,
        fix: "save masks as grey images with one value for each class",
      });
    }
  }
  return { values: pixels.subarray(0, plane), height, width };
}

/** Nearest value, as labels cannot be averaged. */
function resized({ values, height, width }: Decoded, size: Masks["size"]): Decoded {
  if (size === undefined || (size.height === height && size.width === width)) return { values, height, width };
  const to = new Uint8Array(size.height * size.width);
  for (let y = 0; y < size.height; y++) {
    const row = Math.min(height - 1, Math.floor(((y + 0.5) * height) / size.height));
    for (let x = 0; x < size.width; x++) {
      const column = Math.min(width - 1, Math.floor(((x + 0.5) * width) / size.width));
      to[y * size.width + x] = values[row * width + column]!;
    }
  }
  return { values: to, height: size.height, width: size.width };
}

/** Classes and the values that stand for them, where nobody says so. */
function foundClasses(masks: readonly Decoded[]): { classes: string[]; values: number[]; instances: boolean } {
  const seen = new Set<number>();
  for (const { values } of masks) for (const value of values) seen.add(value);
  const values = [...seen].sort((a, b) => a - b);
  if (values.length > MOST_CLASSES) return { classes: ["background", "foreground"], values: [0, 1], instances: true };
  if (values.every((value) => value === 0 || value === values.at(-1)))
    return { classes: ["background", "foreground"], values: [0, values.at(-1) ?? 1], instances: false };
  const others = values.filter((value) => value !== 0);
  return {
    classes: ["background", ...others.map((value) => `class ${value}`)],
    values: [0, ...others],
    instances: false,
  };
}

/**
 * Prepares masks from image files, decoded into memory.
 *
 * @throws VesaliusError as the decoder; `bad-data` for a value that stands for no class, or a mask in colours
 */
export async function declaredMasks(
  { records, folder }: ColumnContext,
  { from, classes, values, instances, size }: Masks,
): Promise<PreparedColumn> {
  const cells = records.fields.get(from)!;
  const paths = await Promise.all(
    cells.map(async (cell, row) => (typeof cell === "string" ? folder.place(cell, records.whereOf(row)) : undefined)),
  );
  const distinct = [...new Set(paths.flatMap((path) => path ?? []))];
  const decoded = await forEachFile(distinct, async (path) => {
    const mask = resized(await decodeMask(path), size);
    folder.budget.claim(mask.values.length, "the decoded mask", path);
    return mask;
  });
  const found = foundClasses(decoded);
  const names = classes ?? found.classes;
  const merged = instances ?? (values === undefined && classes === undefined && found.instances);
  const stands = values ?? (classes === undefined ? found.values : names.map((_, index) => index));
  const stored = decoded.map(({ values: mask, height, width }, i): StoredMask => {
    const data = merged
      ? sharedArray(Uint8Array, mask.length).map((_, at) => Number(mask[at] !== 0))
      : maskData(mask, stands, distinct[i]!);
    return { extents: [height, width], data };
  });
  const index = new Map(distinct.map((path, i) => [path, i]));
  const unstated = classes === undefined && found.instances;
  return {
    make: (rows) =>
      masksColumn(
        names,
        rows.map((row) => (paths[row] === undefined ? null : stored[index.get(paths[row])!]!)),
      ),
    cautions: unstated ? [`Masks of ${from} number their objects; all objects are read as one class, foreground.`] : [],
  };
}
