import { VesaliusError } from "../../../common/errors.ts";
import { elementCount } from "../../../graph/index.ts";
import { blockFormats } from "./blocks.ts";

/**
 * A value to write: texts, truth values, integers of 32 bits (without a sign where they have none, as llama.cpp asks for),
 * floats of 32 bits (`{ float }`), or a list of one of them.
 */
export type GgufEntry =
  | string
  | boolean
  | number
  | { readonly float: number }
  | readonly string[]
  | readonly number[]
  | { readonly floats: readonly number[] };

/** A tensor to write: its shape, slowest axis first, and the form of its numbers (`F32`, `Q4_0`). */
export interface GgufPlan {
  readonly name: string;
  readonly shape: readonly number[];
  readonly format: string;
}

const alignment = 32;

/** Bytes one after the other, of a length that is known at the end. */
class Bytes {
  readonly parts: Uint8Array[] = [];
  length = 0;

  push(part: Uint8Array): void {
    this.parts.push(part);
    this.length += part.byteLength;
  }

  number(bytes: 1 | 4 | 8, value: number, float = false): void {
    const view = new DataView(new ArrayBuffer(bytes));
    if (bytes === 1) view.setUint8(0, value);
    else if (bytes === 8) view.setBigUint64(0, BigInt(value), true);
    else if (float) view.setFloat32(0, value, true);
    else view.setInt32(0, value, true);
    this.push(new Uint8Array(view.buffer));
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.number(8, bytes.byteLength);
    this.push(bytes);
  }

  /** Values of a list, or one value behind its type. */
  values(type: number, list: boolean, values: readonly (string | number | boolean)[]): void {
    if (list) this.number(4, 9);
    this.number(4, type);
    if (list) this.number(8, values.length);
    for (const value of values)
      if (typeof value === "string") this.text(value);
      else if (typeof value === "boolean") this.number(1, value ? 1 : 0);
      else this.number(4, value, type === 6);
  }

  entry(value: GgufEntry): void {
    if (typeof value === "string") this.values(8, false, [value]);
    else if (typeof value === "boolean") this.values(7, false, [value]);
    else if (typeof value === "number") this.values(value < 0 ? 5 : 4, false, [value]);
    else if ("float" in value) this.values(6, false, [value.float]);
    else if ("floats" in value) this.values(6, true, value.floats);
    else this.values(typeof value[0] === "string" ? 8 : 5, true, value);
  }
}

/**
 * What stands in front of the numbers of a GGUF file (version 3). The tensors follow in their order, each at a multiple of 32
 * bytes.
 *
 * @throws VesaliusError `bad-argument` for a form of numbers that there is not
 */
export function ggufHeader(
  metadata: Readonly<Record<string, GgufEntry>>,
  tensors: readonly GgufPlan[],
): { readonly header: Uint8Array; readonly offsets: readonly number[] } {
  const bytes = new Bytes();
  bytes.push(new TextEncoder().encode("GGUF"));
  bytes.number(4, 3);
  bytes.number(8, tensors.length);
  bytes.number(8, Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    bytes.text(key);
    bytes.entry(value);
  }
  let position = 0;
  const starts = tensors.map(({ name, shape, format }) => {
    const [type, { size, bytes: width }] =
      [...blockFormats].find(([, each]) => each.name === format) ?? missing(format);
    bytes.text(name);
    bytes.number(4, shape.length);
    for (const extent of shape.toReversed()) bytes.number(8, extent);
    bytes.number(4, type);
    bytes.number(8, position);
    const start = position;
    position = Math.ceil((position + (elementCount(shape) / size) * width) / alignment) * alignment;
    return start;
  });
  const begin = Math.ceil(bytes.length / alignment) * alignment;
  const header = new Uint8Array(begin);
  let at = 0;
  for (const part of bytes.parts) {
    header.set(part, at);
    at += part.byteLength;
  }
  return { header, offsets: starts.map((start) => begin + start) };
}

function missing(format: string): never {
  throw new VesaliusError("bad-argument", `there is no form of numbers ${format}`);
}
