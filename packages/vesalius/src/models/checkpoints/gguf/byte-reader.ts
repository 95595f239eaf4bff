import { VesaliusError } from "../../../common/errors.ts";

/** Bytes of a known number that are read in parts. */
export interface ByteSource {
  readonly size: number;
  /** @param length never beyond the end */
  readonly read: (offset: number, length: number) => Uint8Array;
}

/** Bytes that are read ahead. */
const ahead = 2 ** 20;
/** Longest header that is read; vocabularies of 260,000 tokens take some 10 MB. */
const longest = 2 ** 28;

/** Reads numbers and texts one after the other, and refuses what goes beyond the end. */
export class ByteReader {
  readonly size: number;
  readonly where: string;
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array();
  #start = 0;
  #position = 0;

  constructor(source: ByteSource, where: string) {
    this.#source = source;
    this.size = source.size;
    this.where = where;
  }

  get position(): number {
    return this.#position;
  }

  /** `bad-file` with the position where something is wrong. */
  bad(what: string, name?: string): VesaliusError {
    // A name of a damaged file may hold anything.
    const shown = name === undefined || !/^[\w.:-]{1,200}$/.test(name) ? "" : `, ${name}`;
    return new VesaliusError("bad-file", what, {
      where: `${this.where}${shown}, byte ${this.#position}`,
      fix: "the file is damaged, cut short or no GGUF file; get it again",
    });
  }

  bytes(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.size) throw this.bad(`${length} bytes are asked for, ${this.size - this.#position} are left`);
    if (end > longest) throw this.bad(`what stands in front of the numbers is longer than ${longest} bytes`);
    if (this.#position < this.#start || end > this.#start + this.#window.byteLength) {
      this.#start = this.#position;
      this.#window = this.#source.read(this.#start, Math.min(this.size - this.#start, Math.max(length, ahead)));
    }
    const from = this.#position - this.#start;
    this.#position = end;
    return this.#window.subarray(from, from + length);
  }

  view(length: number): DataView {
    const bytes = this.bytes(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  uint32(): number {
    return this.view(4).getUint32(0, true);
  }

  uint64(): number {
    return this.safe(this.view(8).getBigUint64(0, true));
  }

  /** An integer of 64 bits that a number holds exactly. */
  safe(value: bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw this.bad(`the number ${value} is larger than anything that is counted`);
    return number;
  }

  /** A number of things that take some bytes each, as far as the file can hold so many. */
  count(bytesEach: number, what: string): number {
    const count = this.uint64();
    if (count * bytesEach > this.size - this.#position)
      throw this.bad(`${count} ${what} are announced, more than the rest of the file holds`);
    return count;
  }

  string(): string {
    const length = this.uint64();
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.bytes(length));
    } catch (error) {
      throw error instanceof VesaliusError ? error : this.bad("a text is no UTF-8");
    }
  }
}
