import { createHash } from "node:crypto";
import { imageHash } from "./columns/images.ts";
import { pixelsPerImage } from "./image-source.ts";
import type { MemoryImages } from "./image-source.ts";

/** Content hash of one image; images of other shapes never collide. */
export const fingerprint = imageHash;

/** Content hash of each decoded image. */
export function fingerprintImages(images: MemoryImages): string[] {
  const size = pixelsPerImage(images);
  return Array.from({ length: images.count }, (_, row) =>
    fingerprint(images.pixels.subarray(row * size, (row + 1) * size), images),
  );
}

/** Content hash of an encoded file. */
export function fingerprintFile(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
