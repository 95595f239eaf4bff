/** What several tests of this folder need: temporary folders, archives, pictures, failures as values. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import { dump } from "npyjs";
import sharp from "sharp";
import { afterEach } from "vitest";
import { VesaliusError } from "../common/errors.ts";
import type { NumericData } from "./readers/npz.ts";

/** Folder of real data, where the machine has one. */
export const dataFolder = process.env["VESALIUS_DATA"];

const temporary: string[] = [];
afterEach(async () => {
  await Promise.all(temporary.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new folder, removed after the test, with files by relative path. */
export async function makeFolder(files: Record<string, string | Uint8Array> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vesalius-data-"));
  temporary.push(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Bytes of an `.npy` file. */
export function npy(data: NumericData, shape: number[]): Uint8Array {
  return new Uint8Array(dump(data, shape));
}

/** Bytes of an `.npz` archive of arrays given as `[data, shape]`. */
export function npz(arrays: Record<string, readonly [NumericData, number[]]>): Uint8Array {
  return zipSync(
    Object.fromEntries(Object.entries(arrays).map(([name, [data, shape]]) => [`${name}.npy`, npy(data, shape)])),
  );
}

/** A PNG of one colour per pixel function: `value(x, y, channel)`. */
export async function png(
  width: number,
  height: number,
  channels: 1 | 2 | 3 | 4,
  value: (x: number, y: number, channel: number) => number,
): Promise<Buffer> {
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = Math.floor(i / channels);
    pixels[i] = value(pixel % width, Math.floor(pixel / width), i % channels);
  }
  const image = sharp(pixels, { raw: { width, height, channels } });
  return (channels < 3 ? image.toColourspace("b-w") : image).png().toBuffer();
}

/** The VesaliusError that a call ends with; anything else is a failure of the test. */
export async function failure(call: () => unknown): Promise<VesaliusError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof VesaliusError) return error;
    throw error;
  }
  throw new Error("the call was expected to fail");
}
