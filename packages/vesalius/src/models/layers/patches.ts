import { VesaliusError } from "../../common/errors.ts";
import { elementCount, linear, perAxis, reshape, transpose, type Value } from "../../graph/index.ts";
import { tableSize } from "./table-size.ts";

/**
 * Cuts images or volumes into patches.
 *
 * @param images `[batch, channels, ...spatial]`
 * @param patch extent of a patch, along every spatial axis or along each
 * @param order of the elements inside a patch: `channelFirst` as in convolution kernels, `channelLast` as in MAE
 * @returns `[batch, patches, channels * elements of a patch]`, patches with the last axis fastest
 * @throws VesaliusError `shape-mismatch` when the image is no multiple of the patch
 */
export function patchify(
  images: Value,
  patch: number | readonly number[],
  order: "channelFirst" | "channelLast",
): Value {
  const [batch, channels, ...spatial] = images.shape as [number, number, ...number[]];
  const extents = perAxis(patch, spatial.length, 1);
  if (spatial.some((extent, i) => extent % extents[i]! !== 0))
    throw new VesaliusError(
      "shape-mismatch",
      `an image of ${spatial.join(" x ")} is no multiple of the patch size ${[patch].flat().join(" x ")}`,
      {
        fix: "choose a patch size that divides the image size",
      },
    );
  const counts = spatial.map((extent, i) => extent / extents[i]!);
  const cut = reshape(images, [batch, channels, ...counts.flatMap((count, i) => [count, extents[i]!])]);
  const [grid, inside] = [counts.map((_, i) => 2 + 2 * i), counts.map((_, i) => 3 + 2 * i)];
  const moved = transpose(cut, [0, ...grid, ...(order === "channelFirst" ? [1, ...inside] : [...inside, 1])]);
  return reshape(moved, [batch, elementCount(counts), channels * elementCount(extents)]);
}

/**
 * Patch embedding of a vision transformer: a convolution whose kernel equals its stride, written as one matrix product
 * over patches. Parameters `${name}.weight` `[width, channels, ...patch]`, `${name}.bias` `[width]`.
 *
 * @param images `[batch, channels, ...spatial]`
 * @returns `[batch, tokens, width]`
 */
export function patchEmbedding(
  images: Value,
  name: string,
  patch: number | readonly number[],
  width: number,
  options: { readonly bias?: boolean } = {},
): Value {
  return images.graph.scope(name, () => {
    const channels = images.shape[1]!;
    const extents = perAxis(patch, images.rank - 2, 1);
    const inside = channels * elementCount(extents);
    const weight = images.graph.parameter(`${name}.weight`, [width, channels, ...extents], {
      kind: "xavierUniform",
      fanIn: inside,
      fanOut: width,
    });
    const bias =
      options.bias === false ? undefined : images.graph.parameter(`${name}.bias`, [width], { kind: "zeros" });
    return linear(patchify(images, patch, "channelFirst"), reshape(weight, [width, inside]), bias);
  });
}

/**
 * Fixed two-dimensional sine-cosine positions of MAE (He et al. 2022, `util/pos_embed.py`): half of the width encodes
 * the column, half the row.
 *
 * @param rows number of patch rows
 * @param columns number of patch columns
 * @param leading zero vectors in front, for a class token
 * @returns values of shape `[1, leading + rows * columns, width]`
 * @throws VesaliusError `bad-configuration` when the width is no multiple of 4
 */
export function sineCosinePositions(rows: number, columns: number, width: number, leading: number): Float32Array {
  if (width % 4 !== 0)
    throw new VesaliusError("bad-configuration", `sine-cosine positions need a width divisible by 4, got ${width}`);
  const quarter = width / 4;
  const table = new Float32Array(tableSize(leading + rows * columns, width));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const start = (leading + row * columns + column) * width;
      for (let i = 0; i < quarter; i++) {
        const frequency = 1 / 10000 ** (i / quarter);
        table[start + i] = Math.sin(column * frequency);
        table[start + quarter + i] = Math.cos(column * frequency);
        table[start + 2 * quarter + i] = Math.sin(row * frequency);
        table[start + 3 * quarter + i] = Math.cos(row * frequency);
      }
    }
  return table;
}
