import { VesaliusError } from "../../common/errors.ts";

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** Encodings that texts may be said to have where they are none of Unicode's. */
export const textEncodings = [
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "iso-8859-2",
  "iso-8859-15",
  "koi8-r",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "euc-kr",
] as const;

/** An encoding of texts that is none of Unicode's. */
export type TextEncodingName = (typeof textEncodings)[number];

/** Encoding of a text by its byte order mark, or by where the zeros of Latin letters lie in UTF-16. */
export function encodingOf(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const sample = bytes.subarray(0, 512);
  const zeros = [0, 0];
  for (const [i, byte] of sample.entries()) if (byte === 0) zeros[i % 2]!++;
  const half = sample.length / 2;
  if (bytes.length % 2 === 0 && half >= 2) {
    if (zeros[1]! > 0.4 * half && zeros[0]! < 0.1 * half) return "utf-16le";
    if (zeros[0]! > 0.4 * half && zeros[1]! < 0.1 * half) return "utf-16be";
  }
  return "utf-8";
}

/** Position of the first byte that is no UTF-8, found by halving. */
export function firstFault(bytes: Uint8Array): number {
  const decodes = (length: number): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(middle)) good = middle;
    else bad = middle;
  }
  // The byte at which decoding stops can be what should have continued an earlier one.
  let fault = good;
  for (let back = good; back >= Math.max(0, good - 3); back--) if (bytes[back]! >= 0xc0) fault = back;
  return fault;
}

const starts = (bytes: Uint8Array, magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);

/** What a file is that is no text, whatever its name; undefined where it could be one. */
function otherThanText(bytes: Uint8Array): { readonly what: string; readonly fix?: string } | undefined {
  if (starts(bytes, [0x50, 0x4b, 3, 4]) || starts(bytes, [0xd0, 0xcf, 0x11, 0xe0]))
    return {
      what: "the file is an Excel workbook or an archive, no text",
      fix: "export what it holds as a text file, a table as CSV in UTF-8",
    };
  const controls = bytes.subarray(0, 4096).filter((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27)).length;
  return controls > 0.01 * Math.min(bytes.length, 4096) ? { what: "the file is no text" } : undefined;
}

/** Text of a file in an older encoding that somebody says it has. */
function decodedAs(declared: TextEncodingName, bytes: Uint8Array, where: string): string {
  try {
    const text = new TextDecoder(declared, { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch (cause) {
    throw new VesaliusError("bad-file", `the text is neither UTF-8 nor ${declared}`, { where, cause });
  }
  throw new VesaliusError("bad-file", "the file holds zero bytes, so it is no text", { where });
}

/** Most bytes of a text: as many characters as JavaScript holds in one. */
const longest = 2 ** 29 - 24;

/**
 * Decodes a text file: UTF-8, or UTF-16 of either byte order, with or without a byte order mark. What is neither is
 * refused, since guessing among older encodings changes names and findings in silence.
 *
 * @param declared encoding of what is none of these, where somebody says it
 * @throws VesaliusError `bad-file` with the first byte that is no UTF-8
 */
export function decodeText(bytes: Uint8Array, where: string, declared?: TextEncodingName): string {
  if (bytes.length > longest)
    throw new VesaliusError("bad-file", `the text has ${bytes.length} bytes; at most ${longest} are read at once`, {
      where,
      fix: "divide the file",
    });
  const encoding = encodingOf(bytes);
  // A decoder does not take shared memory everywhere.
  const own = bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(own);
    if (!text.includes("\0")) return text;
  } catch (error) {
    const other = encoding === "utf-8" ? otherThanText(bytes) : undefined;
    if (other !== undefined) {
      const { what, ...remedy } = other;
      throw new VesaliusError("bad-file", what, { where, ...remedy, cause: error });
    }
    if (declared !== undefined && encoding === "utf-8") return decodedAs(declared, own, where);
    const fault = encoding === "utf-8" ? firstFault(bytes) : 0;
    const latin = encoding === "utf-8" && bytes[fault]! >= 0x80;
    throw new VesaliusError(
      "bad-file",
      latin
        ? `the text is not UTF-8: byte ${fault + 1} looks like Latin-1 or Windows-1252`
        : `the text is damaged ${encoding.toUpperCase()}`,
      {
        where,
        fix: latin
          ? (option) =>
              `save it as UTF-8 (iconv -f WINDOWS-1252 -t UTF-8), or say that it is so with ${option("encoding", "windows-1252")}`
          : "copy the file again, or save it as UTF-8",
        cause: error,
      },
    );
  }
  throw new VesaliusError("bad-file", "the file holds zero bytes, so it is no text", { where });
}
