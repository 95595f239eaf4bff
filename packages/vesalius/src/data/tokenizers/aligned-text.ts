/** Where each UTF-16 code unit of a changed text comes from: `[starts[i], ends[i])` of the original. */
interface Alignment {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * A text, or a stretch of one, that remembers where it stands in the original. Without `map`, unit i is unit `from + i`
 * of the original; with it, `from + i` is a position in the map, so that a stretch shares the map of the whole.
 */
export interface AlignedText {
  readonly text: string;
  readonly from: number;
  readonly map?: Alignment;
}

/** A text before any change. */
export const alignedText = (text: string, from = 0): AlignedText => ({ text, from });

/** First unit of the original that unit `at` stands for. */
export const originalStart = ({ from, map }: AlignedText, at: number): number =>
  map === undefined ? from + at : map.starts[from + at]!;

/** End, exclusive, in the original of what unit `at` stands for. */
export const originalEnd = ({ from, map }: AlignedText, at: number): number =>
  map === undefined ? from + at + 1 : map.ends[from + at]!;

/** Units `[start, end)`. */
export function sliceAligned(source: AlignedText, start: number, end: number): AlignedText {
  const text = source.text.slice(start, end);
  return source.map === undefined
    ? { text, from: source.from + start }
    : { text, from: source.from + start, map: source.map };
}

/** The same alignment under a text of the same length, of which every unit stands for the same place. */
export function sameLength(source: AlignedText, text: string): AlignedText {
  return source.map === undefined ? { text, from: source.from } : { text, from: source.from, map: source.map };
}

/** Builds a changed text piece by piece, with the alignment of each. */
export class AlignedBuilder {
  readonly #source: AlignedText;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #text = "";

  constructor(source: AlignedText) {
    this.#source = source;
  }

  /** Takes units `[start, end)` of the source as they are. */
  keep(start: number, end: number): void {
    for (let at = start; at < end; at++) {
      this.#starts.push(originalStart(this.#source, at));
      this.#ends.push(originalEnd(this.#source, at));
    }
    this.#text += this.#source.text.slice(start, end);
  }

  /** Puts `replacement` in the place of units `[start, end)`: each of its units stands for all of them. */
  replace(start: number, end: number, replacement: string): void {
    const place = this.#source;
    const first = start < place.text.length ? originalStart(place, start) : originalEnd(place, start - 1);
    const last = end > start ? originalEnd(place, end - 1) : first;
    for (let count = 0; count < replacement.length; count++) {
      this.#starts.push(first);
      this.#ends.push(last);
    }
    this.#text += replacement;
  }

  result(): AlignedText {
    return {
      text: this.#text,
      from: 0,
      map: { starts: new Int32Array(this.#starts), ends: new Int32Array(this.#ends) },
    };
  }
}

/**
 * Replaces every match of a pattern; each unit of a replacement stands for the whole match.
 *
 * @param pattern with the flag `g`
 */
export function rewrite(
  source: AlignedText,
  pattern: RegExp,
  replacement: (match: string, at: number) => string,
): AlignedText {
  pattern.lastIndex = 0;
  let builder: AlignedBuilder | undefined;
  let kept = 0;
  for (const match of source.text.matchAll(pattern)) {
    const found = match[0];
    const replaced = replacement(found, match.index);
    if (replaced === found) continue;
    builder ??= new AlignedBuilder(source);
    builder.keep(kept, match.index);
    builder.replace(match.index, match.index + found.length, replaced);
    kept = match.index + found.length;
  }
  if (builder === undefined) return source;
  builder.keep(kept, source.text.length);
  return builder.result();
}
