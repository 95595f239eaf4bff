import { open } from "node:fs/promises";
import { Gunzip } from "fflate";
import { encodingOf } from "./decode-text.ts";
import { isGzip } from "./gunzip.ts";

const LENGTH = 65_536;

async function startOf(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const buffer = new Uint8Array(LENGTH);
    const { bytesRead } = await file.read(buffer, 0, LENGTH, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unpackStart(bytes: Uint8Array): Uint8Array {
  const parts: number[] = [];
  try {
    new Gunzip((part) => {
      for (const byte of part) if (parts.length < LENGTH) parts.push(byte);
    }).push(bytes, false);
  } catch {
    // A damaged file is reported by whoever reads it.
  }
  return Uint8Array.from(parts);
}

/**
 * Beginning of a text file, packed or not, for recognising it: at most 64 KiB, complete lines only where there are
 * several. Bytes that are no text in the file's encoding are replaced.
 */
export async function textStart(path: string): Promise<string> {
  const start = await startOf(path);
  const content = isGzip(start) ? unpackStart(start) : start;
  const text = new TextDecoder(encodingOf(content)).decode(content);
  const end = text.lastIndexOf("\n");
  return content.length < LENGTH || end < 0 ? text : text.slice(0, end + 1);
}
