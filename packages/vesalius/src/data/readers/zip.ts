import { inflateSync } from "fflate";
import { VesaliusError } from "../../common/errors.ts";
import { crc32 } from "../files/crc32.ts";
import { raiseMemory } from "../files/memory-budget.ts";

/** DEFLATE cannot compress better than this (RFC 1951: 258 bytes for at least two bits), so more is a false size. */
const MAX_DEFLATE_RATIO = 1032;
/** Bytes of an entry of the central directory without its name, and of a member's own header. */
const ENTRY = 46;
const LOCAL = 30;
const UNKNOWN = 0xffffffff;

/** What a caller allows an archive to hold. */
export interface ZipOptions {
  /** Path that messages name. */
  readonly where: string;
  /** Most bytes that all members together may hold once unpacked. */
  readonly maxBytes: number;
  /** Members to unpack; all unless told. */
  readonly wants?: (name: string) => boolean;
}

/** One member as the central directory lists it. */
interface Member {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  /** First byte of its own header. */
  readonly offset: number;
}

const damaged = (where: string, cause?: unknown): VesaliusError =>
  new VesaliusError("bad-file", "the archive is truncated or damaged", {
    where,
    fix: "copy or download the file again",
    ...(cause === undefined ? {} : { cause }),
  });

/** Where the central directory lies and how many members it says that it lists; checked against the file's length. */
function directoryOf(view: DataView, where: string): { readonly start: number; readonly count: number } {
  // The end record is followed by a comment of at most 65,535 bytes.
  const last = view.byteLength - 22;
  let end = last;
  while (end >= Math.max(0, last - 65_535) && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < Math.max(0, last - 65_535)) throw damaged(where);
  let count = view.getUint16(end + 10, true);
  let start = view.getUint32(end + 16, true);
  if (end >= 20 && view.getUint32(end - 20, true) === 0x07064b50) {
    const wide = Number(view.getBigUint64(end - 12, true));
    if (wide + 56 > end || view.getUint32(wide, true) !== 0x06064b50) throw damaged(where);
    count = Number(view.getBigUint64(wide + 32, true));
    start = Number(view.getBigUint64(wide + 48, true));
  }
  if (count * ENTRY > end - start) {
    throw new VesaliusError(
      "bad-file",
      `the archive claims ${count} members, more than its ${view.byteLength} bytes can list`,
      {
        where,
        fix: "copy or download the file again",
      },
    );
  }
  return { start, count };
}

/** Sizes and offset of a member of more than 4 GiB, which its extra field holds (zip64). */
function wideFields(view: DataView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const fields = Math.min(view.getUint16(at + 2, true), start + length - at - 4) >> 3;
    return Array.from({ length: fields }, (_, i) => Number(view.getBigUint64(at + 4 + 8 * i, true)));
  }
  return [];
}

function membersOf(bytes: Uint8Array, where: string): Member[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { start, count } = directoryOf(view, where);
  const members: Member[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== 0x02014b50) throw damaged(where);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    const wide = wideFields(view, at + ENTRY + nameLength, extraLength);
    const [size, packed, offset] = [24, 20, 42].map((field) => {
      const value = view.getUint32(at + field, true);
      return value === UNKNOWN ? (wide.shift() ?? value) : value;
    }) as [number, number, number];
    members.push({
      name: new TextDecoder().decode(bytes.slice(at + ENTRY, at + ENTRY + nameLength)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      checksum: view.getUint32(at + 16, true),
      packed,
      size,
      offset,
    });
    at += ENTRY + nameLength + extraLength + commentLength;
  }
  return members;
}

function unpack(bytes: Uint8Array, member: Member, where: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { offset, packed, size, method } = member;
  if (view.getUint32(offset, true) !== 0x04034b50) throw damaged(where);
  const start = offset + LOCAL + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packed > bytes.length) throw damaged(where);
  const content = bytes.subarray(start, start + packed);
  // A copy, since readers of arrays want a buffer of their own.
  if (method === 0) return new Uint8Array(content);
  if (method === 8) return inflateSync(content, { out: new Uint8Array(size) });
  throw new VesaliusError("bad-file", `compression method ${method} is not read`, {
    where,
    fix: "write the archive with numpy.savez_compressed or numpy.savez",
  });
}

/** Checks what a member claims before anything is allocated for it. */
function checkClaims(members: readonly Member[], { where, maxBytes }: ZipOptions, length: number): void {
  const total = members.reduce((sum, { size }) => sum + size, 0);
  if (total > maxBytes) {
    throw new VesaliusError("bad-file", `the archive unpacks to ${total} bytes; the limit is ${maxBytes} bytes`, {
      where,
      fix: raiseMemory,
    });
  }
  const seen = new Set<string>();
  for (const { name, size, packed, encrypted } of members) {
    const at = `${where}, member ${name}`;
    if (size > packed * MAX_DEFLATE_RATIO + 64 || packed > length)
      throw new VesaliusError("bad-file", `the archive claims ${size} bytes for a member of ${packed}`, { where: at });
    if (encrypted)
      throw new VesaliusError("bad-file", "the member is encrypted", { where: at, fix: "save it without a password" });
    if (seen.has(name))
      throw new VesaliusError("bad-file", "the archive holds two members of the same name", { where: at });
    seen.add(name);
  }
}

/**
 * Unpacks members of a zip archive into memory, after checking the sizes that it claims against its length and before
 * trusting what came out: every length and CRC-32 must agree with the central directory.
 *
 * @throws VesaliusError `bad-file` for bytes that are no zip archive, a truncated or damaged one, an encrypted member, a
 * compression other than DEFLATE, or more than `maxBytes` (a zip bomb)
 */
export function readZip(bytes: Uint8Array, options: ZipOptions): Map<string, Uint8Array> {
  const { where, wants = () => true } = options;
  if (bytes.length < 22 || bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    throw new VesaliusError("bad-file", "the file is not a zip archive", {
      where,
      fix: "an .npz file is a zip archive of .npy arrays; write it with numpy.savez_compressed",
    });
  }
  const unpacked = new Map<string, Uint8Array>();
  try {
    const members = membersOf(bytes, where).filter(({ name }) => wants(name));
    checkClaims(members, options, bytes.length);
    for (const member of members) {
      const at = `${where}, member ${member.name}`;
      const content = unpack(bytes, member, at);
      if (content.length !== member.size || crc32(content) !== member.checksum) {
        throw new VesaliusError("bad-file", "the content disagrees with the archive's length or checksum", {
          where: at,
          fix: "the file is damaged; copy or download it again",
        });
      }
      unpacked.set(member.name, content);
    }
  } catch (error) {
    // A position outside the file, or bytes that do not inflate.
    throw error instanceof VesaliusError ? error : damaged(where, error);
  }
  return unpacked;
}
