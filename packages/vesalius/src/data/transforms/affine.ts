import type { ImageShape } from "../images/image-shape.ts";

/**
 * Maps a position of the result, relative to the image's centre, to the position in the source that it shows:
 * `[x', y'] = [[a, b], [c, d]] [x, y] + [e, f]`, in pixels.
 */
export interface AffineMap {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/**
 * Samples an image through an affine map, bilinearly; what lies outside the image has the value `fill`.
 *
 * @param source `[channels, height, width]` of `shape`.
 * @param target Receives an image of the same shape; must not overlap `source`.
 */
export function sampleAffine(
  source: Float32Array,
  shape: ImageShape,
  target: Float32Array,
  map: AffineMap,
  fill: number,
): void {
  const { channels, height, width } = shape;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const plane = height * width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = map.a * (x - centreX) + map.b * (y - centreY) + map.e + centreX;
      const fromY = map.c * (x - centreX) + map.d * (y - centreY) + map.f + centreY;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const right = fromX - left;
      const bottom = fromY - top;
      const hasLeft = left >= 0 && left < width;
      const hasRight = left >= -1 && left < width - 1;
      const hasTop = top >= 0 && top < height;
      const hasBottom = top >= -1 && top < height - 1;
      for (let channel = 0; channel < channels; channel++) {
        const at = channel * plane + top * width + left;
        const topLeft = hasTop && hasLeft ? source[at]! : fill;
        const topRight = hasTop && hasRight ? source[at + 1]! : fill;
        const bottomLeft = hasBottom && hasLeft ? source[at + width]! : fill;
        const bottomRight = hasBottom && hasRight ? source[at + width + 1]! : fill;
        const upper = topLeft + (topRight - topLeft) * right;
        const lower = bottomLeft + (bottomRight - bottomLeft) * right;
        target[channel * plane + y * width + x] = upper + (lower - upper) * bottom;
      }
    }
  }
}
