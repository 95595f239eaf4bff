const UTF8 = new TextEncoder();

/**
 * A printable character for each byte: those that print stand for themselves, the others for characters from U+0100 on, so
 * that a space is Ġ and a newline Ċ. openai/gpt-2 `src/encoder.py` (bytes_to_unicode).
 */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const prints = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : next++));
})();

/** The byte that each of these characters stands for. */
export const CHARACTER_BYTES: ReadonlyMap<string, number> = new Map(
  BYTE_CHARACTERS.map((character, byte) => [character, byte]),
);

/** Bytes of a character in UTF-8. */
export const utf8 = (text: string): Uint8Array => UTF8.encode(text);

/** Text of bytes in UTF-8; bytes that are none become U+FFFD. */
export const fromUtf8 = (bytes: readonly number[]): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));

/** The token of a byte in vocabularies that fall back to bytes: `<0x0A>`. */
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

/** Matches such a token; its group is the byte as two hexadecimal digits. */
export const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;
