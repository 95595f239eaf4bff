import { VesaliusError } from "../../common/errors.ts";
import type { ImageShape } from "../images/image-shape.ts";

const refused = (what: string, where: string): VesaliusError =>
  new VesaliusError("bad-file", what, { where, fix: "save the picture as PNG" });

/** Whether bytes begin as a Windows bitmap does. */
export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d;

/** What the header of a bitmap says, checked against the file's length. */
interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly offset: number;
  readonly stride: number;
  /** Colours of the palette, four bytes each. */
  readonly palette: number;
}

function readHeader(bytes: Uint8Array, where: string): BmpHeader {
  if (bytes.length < 54) throw refused("the bitmap ends in its header", where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(14, true);
  const [width, signed] = [view.getInt32(18, true), view.getInt32(22, true)];
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  if (size < 40 || ![8, 24, 32].includes(bits) || ![0, 3].includes(compression) || (compression === 3 && bits !== 32))
    throw refused(`a bitmap of ${bits} bits with compression ${compression} is not read`, where);
  const height = Math.abs(signed);
  const offset = view.getUint32(10, true);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (width < 1 || height < 1 || offset + stride * height > bytes.length)
    throw refused(`the header says ${width} x ${height} pixels, more than the ${bytes.length} bytes hold`, where);
  const palette = 14 + size;
  if (bits === 8 && palette + 1024 > offset && palette + 4 * view.getUint32(46, true) > offset)
    throw refused("the palette of the bitmap is not where it should be", where);
  return { width, height, topDown: signed < 0, bits, offset, stride, palette };
}

/**
 * Decodes a Windows bitmap of 8 (palette), 24 or 32 bits without compression, as `[height, width, channels]`: one channel
 * where every pixel is grey, else three.
 *
 * @throws VesaliusError `bad-file` for other bitmaps, or one that ends early
 */
export function decodeBmp(bytes: Uint8Array, where: string): { pixels: Uint8Array; shape: ImageShape } {
  const { width, height, topDown, bits, offset, stride, palette } = readHeader(bytes, where);
  const colour = new Uint8Array(width * height * 3);
  let grey = true;
  for (let y = 0; y < height; y++) {
    const row = offset + stride * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const at = bits === 8 ? palette + 4 * bytes[row + x]! : row + x * (bits / 8);
      const to = 3 * (y * width + x);
      for (let channel = 0; channel < 3; channel++) colour[to + channel] = bytes[at + 2 - channel]!;
      grey &&= colour[to] === colour[to + 1] && colour[to] === colour[to + 2];
    }
  }
  if (!grey) return { pixels: colour, shape: { channels: 3, height, width } };
  return { pixels: colour.filter((_, i) => i % 3 === 0), shape: { channels: 1, height, width } };
}
