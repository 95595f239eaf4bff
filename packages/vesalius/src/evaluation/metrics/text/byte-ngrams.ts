import { VesaliusError } from "../../../common/errors.ts";

/** How often bytes follow a context. */
interface Followers {
  total: number;
  readonly counts: Map<number, number>;
}

/** A model of bytes that says how well they can be told from the few before them. */
export interface ByteNgrams {
  /** Probability of the byte at a place of a text, from those before it, in (0, 1]. */
  probability(bytes: Uint8Array, place: number): number;
  /** Mean bits of the bytes of texts; NaN for no bytes. */
  bitsPerByte(texts: Iterable<string>): number;
}

const encoder = new TextEncoder();

/** The bytes in front of a place as a key. */
const contextOf = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

/**
 * Bytes of texts by interpolated Witten-Bell smoothing (Bell, Cleary and Witten 1990, method C; Chen and Goodman 1998): what
 * a small language model has to beat. Below the shortest context all 256 bytes are as probable. A text begins with no
 * context.
 *
 * @param order bytes of an n-gram, the predicted one among them
 * @throws VesaliusError `bad-argument` for an order below 1
 *
 * @example
 * byteNgrams(train, 5).bitsPerByte(validation);
 */
export function byteNgrams(texts: Iterable<string>, order = 5): ByteNgrams {
  if (!(Number.isInteger(order) && order >= 1))
    throw new VesaliusError("bad-argument", `an n-gram has one byte or more, not ${order}`, { where: "order" });
  const tables = Array.from({ length: order }, () => new Map<string, Followers>());
  for (const text of texts) {
    const bytes = encoder.encode(text);
    bytes.forEach((byte, place) => {
      for (let length = 0; length < order && length <= place; length++) {
        const key = contextOf(bytes, place - length, place);
        const known = tables[length]!.get(key) ?? { total: 0, counts: new Map<number, number>() };
        if (known.total === 0) tables[length]!.set(key, known);
        known.total++;
        known.counts.set(byte, (known.counts.get(byte) ?? 0) + 1);
      }
    });
  }
  const probability = (bytes: Uint8Array, place: number): number => {
    let value = 1 / 256;
    for (let length = 0; length < order && length <= place; length++) {
      const known = tables[length]!.get(contextOf(bytes, place - length, place));
      if (known === undefined) break;
      const kinds = known.counts.size;
      value = ((known.counts.get(bytes[place]!) ?? 0) + kinds * value) / (known.total + kinds);
    }
    return value;
  };
  return {
    probability,
    bitsPerByte(held) {
      let [bits, count] = [0, 0];
      for (const text of held) {
        const bytes = encoder.encode(text);
        for (let place = 0; place < bytes.length; place++) bits -= Math.log2(probability(bytes, place));
        count += bytes.length;
      }
      return bits / count;
    },
  };
}
