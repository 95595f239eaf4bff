import { VesaliusError } from "../../common/errors.ts";
import { linear, reshape, transpose, type Value } from "../../graph/index.ts";

/**
 * Cuts images into square patches.
 *
 * @param images `[batch, channels, height, width]`
 * @param order of the elements inside a patch: `channelFirst` as in convolution kernels, `channelLast` as in MAE
 * @returns `[batch, rows * columns, channels * patch * patch]`, patches row by row
 * @throws VesaliusError `shape-mismatch` when the image is no multiple of the patch
 */
export function patchify(images: Value, patch: number, order: "channelFirst" | "channelLast"): Value {
  const [batch, channels, height, width] = images.shape as [number, number, number, number];
  if (height % patch !== 0 || width % patch !== 0)
    throw new VesaliusError(
      "shape-mismatch",
      `an image of ${height} x ${width} is no multiple of the patch size ${patch}`,
      {
        fix: "choose a patch size that divides the image size",
      },
    );
  const [rows, columns] = [height / patch, width / patch];
  const cut = reshape(images, [batch, channels, rows, patch, columns, patch]);
  const moved = transpose(cut, order === "channelFirst" ? [0, 2, 4, 1, 3, 5] : [0, 2, 4, 3, 5, 1]);
  return reshape(moved, [batch, rows * columns, channels * patch * patch]);
}

/**
 * Patch embedding of a vision transformer: a convolution whose kernel equals its stride, written as one matrix product
 * over patches. Parameters `${name}.weight` `[width, channels, patch, patch]`, `${name}.bias` `[width]`.
 *
 * @param images `[batch, channels, height, width]`
 * @returns `[batch, tokens, width]`
 */
export function patchEmbedding(images: Value, name: string, patch: number, width: number): Value {
  return images.graph.scope(name, () => {
    const channels = images.shape[1]!;
    const inside = channels * patch * patch;
    const weight = images.graph.parameter(`${name}.weight`, [width, channels, patch, patch], {
      kind: "xavierUniform",
      fanIn: inside,
      fanOut: width,
    });
    const bias = images.graph.parameter(`${name}.bias`, [width], { kind: "zeros" });
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
  const table = new Float32Array((leading + rows * columns) * width);
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
