import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { type AlignedText, AlignedBuilder } from "../aligned-text.ts";
import { utf8 } from "../bytes.ts";
import { component } from "../component.ts";

const PRINTABLE = /^[\x20-\x7E]*$/;
/** Longest replacement of one rule, in bytes, that is read. */
const LONGEST = 4096;

/** A table of SentencePiece: byte strings and what each is replaced by. */
class CharacterMap {
  /** A double array of Darts: a node's unit holds its label, whether a value follows, and where its children are. */
  readonly #units: Uint32Array;
  /** Replacements, each ended by a zero. */
  readonly #texts: Uint8Array;
  readonly #decoded = new Map<number, string>();

  constructor(bytes: Uint8Array, where: string) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.length < 4 ? 0 : view.getUint32(0, true);
    if (size === 0 || size % 4 !== 0 || 4 + size > bytes.length)
      throw new VesaliusError("bad-file", "precompiled_charsmap is cut short or no table", { where });
    this.#units = Uint32Array.from({ length: size / 4 }, (_, at) => view.getUint32(4 + 4 * at, true));
    this.#texts = bytes.subarray(4 + size);
  }

  /** Node behind `node` for a byte, and the value there, -1 for none; undefined where no rule goes on so. */
  #step(node: number, byte: number): { readonly node: number; readonly value: number } | undefined {
    const at = node ^ byte;
    const unit = this.#units[at];
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
    const next = at ^ offsetOf(unit);
    const leaf = (unit >>> 8) & 1 ? this.#units[next] : undefined;
    return { node: next, value: leaf === undefined ? -1 : leaf & 0x7fffffff };
  }

  get #root(): number {
    return offsetOf(this.#units[0]!);
  }

  /** Whether printable ASCII stays as it is. */
  leavesAscii(): boolean {
    for (let byte = 0x20; byte < 0x7f; byte++) {
      const found = this.#step(this.#root, byte);
      if (found === undefined) continue;
      if (found.value >= 0) return false;
      for (let next = 0x20; next < 0x7f; next++) if (this.#step(found.node, next) !== undefined) return false;
    }
    return true;
  }

  /** The longest rule for what stands in `bytes` from `start` on: how many bytes, and their replacement. */
  longest(bytes: Uint8Array, start: number): { readonly length: number; readonly text: string } | undefined {
    let node = this.#root;
    let best: { readonly length: number; readonly value: number } | undefined;
    for (let at = start; at < bytes.length && bytes[at] !== 0; at++) {
      const found = this.#step(node, bytes[at]!);
      if (found === undefined) break;
      node = found.node;
      if (found.value >= 0) best = { length: at + 1 - start, value: found.value };
    }
    return best === undefined ? undefined : { length: best.length, text: this.#text(best.value) };
  }

  #text(offset: number): string {
    let text = this.#decoded.get(offset);
    if (text === undefined) {
      const end = this.#texts.indexOf(0, offset);
      text = new TextDecoder().decode(
        this.#texts.subarray(offset, Math.min(end < 0 ? Infinity : end, offset + LONGEST)),
      );
      this.#decoded.set(offset, text);
    }
    return text;
  }
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);

/** Rules of SentencePiece, as a model carries them: at each place the longest rule that fits. */
export const precompiled = component({
  type: "Precompiled",
  settings: z.object({ precompiled_charsmap: z.base64().max(1 << 26) }),
  create: ({ precompiled_charsmap }, where) => {
    const map = new CharacterMap(
      Uint8Array.from(atob(precompiled_charsmap), (char) => char.charCodeAt(0)),
      where,
    );
    const leavesAscii = map.leavesAscii();
    return (source: AlignedText): AlignedText => {
      if (leavesAscii && PRINTABLE.test(source.text)) return source;
      const bytes = utf8(source.text);
      const builder = new AlignedBuilder(source);
      let [unit, byte, changed] = [0, 0, false];
      /** Takes the characters of a number of bytes. */
      const advance = (length: number): number => {
        const until = byte + length;
        const from = unit;
        while (byte < until) {
          const code = source.text.codePointAt(unit)!;
          unit += code > 0xffff ? 2 : 1;
          byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code > 0xffff ? 4 : 3;
        }
        return from;
      };
      while (unit < source.text.length) {
        const rule = map.longest(bytes, byte);
        const from = advance(rule?.length ?? 1);
        if (rule === undefined) builder.keep(from, unit);
        else {
          changed = true;
          builder.replace(from, unit, rule.text);
        }
      }
      return changed ? builder.result() : source;
    };
  },
});
