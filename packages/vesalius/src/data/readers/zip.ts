import { unzipSync } from "fflate";
import { VesaliusError } from "../../common/errors.ts";
import { crc32 } from "../files/crc32.ts";

/** DEFLATE cannot compress better than this (RFC 1951: 258 bytes for at least two bits), so more is a false size. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Checksums in the order of the archive's central directory. fflate leaves them unread, and without them a flipped bit
 * in a compressed image would pass as another grey value.
 */
function centralChecksums(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  let count = view.getUint16(end + 8, true);
  let offset = view.getUint32(end + 16, true);
  if (end >= 20 && view.getUint32(end - 20, true) === 0x07064b50) {
    const zip64 = Number(view.getBigUint64(end - 12, true));
    count = Number(view.getBigUint64(zip64 + 32, true));
    offset = Number(view.getBigUint64(zip64 + 48, true));
  }
  const checksums: number[] = [];
  for (let i = 0; i < count; i++) {
    checksums.push(view.getUint32(offset + 16, true));
    offset +=
      46 + view.getUint16(offset + 28, true) + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true);
  }
  return checksums;
}

/** What a caller allows an archive to hold. */
export interface ZipOptions {
  /** Path that messages name. */
  readonly where: string;
  /** Most bytes that all members together may hold once unpacked. */
  readonly maxBytes: number;
}

/**
 * Unpacks all members of a zip archive into memory, after checking the sizes that it declares and before trusting what
 * came out: every length and CRC-32 must agree with the central directory.
 *
 * @throws VesaliusError `bad-file` for bytes that are no zip archive, a truncated or damaged one, an encrypted member, a
 * compression other than DEFLATE, or declared sizes above `maxBytes` (a zip bomb).
 */
export function readZip(bytes: Uint8Array, { where, maxBytes }: ZipOptions): Map<string, Uint8Array> {
  if (bytes.length < 22 || bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    throw new VesaliusError("bad-file", "the file is not a zip archive", {
      where,
      fix: "an .npz file is a zip archive of .npy arrays; write it with numpy.savez_compressed",
    });
  }
  const declared: { name: string; size: number }[] = [];
  let total = 0;
  let files: Record<string, Uint8Array>;
  let checksums: number[];
  try {
    files = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        total += originalSize;
        if (originalSize > size * MAX_DEFLATE_RATIO + 64 || total > maxBytes) {
          throw new VesaliusError("bad-file", `the archive declares ${total} bytes, more than it may or can hold`, {
            where: `${where}, member ${name}`,
            fix: `the limit is ${maxBytes} bytes; raise maxBytes if the file is trusted`,
          });
        }
        declared.push({ name, size: originalSize });
        return true;
      },
    });
    checksums = centralChecksums(bytes);
  } catch (error) {
    if (error instanceof VesaliusError) throw error;
    throw new VesaliusError("bad-file", "the archive is truncated or damaged", {
      where,
      fix: "copy or download the file again",
      cause: error,
    });
  }
  const members = new Map<string, Uint8Array>();
  for (const [index, { name, size }] of declared.entries()) {
    const content = files[name];
    if (content === undefined || content.length !== size || crc32(content) !== checksums[index]) {
      throw new VesaliusError("bad-file", "the content disagrees with the archive's length or checksum", {
        where: `${where}, member ${name}`,
        fix: "the file is damaged or encrypted; copy or download it again",
      });
    }
    if (members.has(name)) {
      throw new VesaliusError("bad-file", "the archive holds two members of the same name", {
        where: `${where}, member ${name}`,
      });
    }
    members.set(name, content);
  }
  return members;
}
