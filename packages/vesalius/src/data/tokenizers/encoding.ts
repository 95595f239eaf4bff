import type { TemplatePart } from "./post-processors/post-processor.ts";
import type { Encoding } from "./tokenizer.ts";

/** Collects tokens into an encoding. */
export class EncodingBuilder {
  readonly #ids: number[] = [];
  readonly #tokens: string[] = [];
  readonly #offsets: number[] = [];
  readonly #words: number[] = [];

  push(id: number, token: string, start: number, end: number, word: number): void {
    this.#ids.push(id);
    this.#tokens.push(token);
    this.#offsets.push(start, end);
    this.#words.push(word);
  }

  result(): Encoding {
    const length = this.#ids.length;
    return {
      ids: new Int32Array(this.#ids),
      tokens: this.#tokens,
      offsets: new Int32Array(this.#offsets),
      wordIds: new Int32Array(this.#words),
      typeIds: new Int32Array(length),
      sequenceIds: new Int32Array(length),
    };
  }
}

/** Tokens `[start, end)` of an encoding. */
export const sliceEncoding = (encoding: Encoding, start: number, end: number): Encoding => ({
  ids: encoding.ids.subarray(start, end),
  tokens: encoding.tokens.slice(start, end),
  offsets: encoding.offsets.subarray(2 * start, 2 * end),
  wordIds: encoding.wordIds.subarray(start, end),
  typeIds: encoding.typeIds.subarray(start, end),
  sequenceIds: encoding.sequenceIds.subarray(start, end),
});

/** Texts and special tokens in the order of a template. */
export function fillTemplate(template: readonly TemplatePart[], texts: readonly Encoding[]): Encoding {
  const length = template.reduce((sum, part) => sum + ("sequence" in part ? texts[part.sequence]!.ids.length : 1), 0);
  const tokens: string[] = [];
  const filled = {
    ids: new Int32Array(length),
    tokens,
    offsets: new Int32Array(2 * length),
    wordIds: new Int32Array(length).fill(-1),
    typeIds: new Int32Array(length),
    sequenceIds: new Int32Array(length).fill(-1),
  };
  for (const part of template) {
    const at = tokens.length;
    if ("special" in part) {
      filled.ids[at] = part.id;
      filled.typeIds[at] = part.type;
      tokens.push(part.special);
      continue;
    }
    const text = texts[part.sequence]!;
    filled.ids.set(text.ids, at);
    filled.offsets.set(text.offsets, 2 * at);
    filled.wordIds.set(text.wordIds, at);
    filled.typeIds.fill(part.type, at, at + text.ids.length);
    filled.sequenceIds.fill(part.sequence, at, at + text.ids.length);
    for (const token of text.tokens) tokens.push(token);
  }
  return filled;
}
