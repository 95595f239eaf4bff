import { Gunzip } from "fflate";
import { VesaliusError } from "../../common/errors.ts";
import { crc32 } from "./crc32.ts";
import { raiseMemory } from "./memory-budget.ts";

/** Whether bytes begin as a gzip file does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** What a caller allows a compressed file to hold. */
export interface GunzipOptions {
  /** Path that messages name. */
  readonly where: string;
  /** Most bytes that it may unpack to; 2 GiB unless told. */
  readonly maxBytes?: number | undefined;
}

const SLICE = 2 ** 20;

/**
 * Unpacks a gzip file (RFC 1952), also one of several members as bgzip writes it. Unpacking stops at the limit, and every
 * member's length and CRC-32 must agree with what came out.
 *
 * @throws VesaliusError `bad-file` for a truncated or damaged file, or one that unpacks to more than `maxBytes`
 */
export function gunzip(bytes: Uint8Array, { where, maxBytes = 2 ** 31 }: GunzipOptions): Uint8Array {
  const damaged = (cause?: unknown): VesaliusError =>
    new VesaliusError("bad-file", "the gzip file is truncated or damaged", {
      where,
      fix: "copy or download the file again",
      ...(cause === undefined ? {} : { cause }),
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let total = 0;
  let memberLength = 0;
  let checksum = 0;
  const endMember = (end: number): void => {
    if (end < 18 || view.getUint32(end - 8, true) !== checksum || view.getUint32(end - 4, true) !== memberLength >>> 0)
      throw damaged();
    memberLength = 0;
    checksum = 0;
  };
  const stream = new Gunzip((part) => {
    total += part.length;
    if (total > maxBytes) {
      throw new VesaliusError("bad-file", `the gzip file unpacks to more than ${maxBytes} bytes`, {
        where,
        fix: raiseMemory,
      });
    }
    memberLength += part.length;
    checksum = crc32(part, checksum);
    parts.push(part.slice());
  });
  stream.onmember = (start) => {
    if (start > 0) endMember(start);
  };
  try {
    for (let at = 0; at < bytes.length || at === 0; at += SLICE)
      stream.push(bytes.subarray(at, at + SLICE), at + SLICE >= bytes.length);
  } catch (error) {
    throw error instanceof VesaliusError ? error : damaged(error);
  }
  endMember(bytes.length);
  if (parts.length === 1) return parts[0]!;
  const unpacked = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    unpacked.set(part, at);
    at += part.length;
  }
  return unpacked;
}
