/**
 * Most probable sequence of IOB2 tags (Ramshaw and Marcus 1995) in which no tag follows that cannot: an inside tag comes
 * only after a begin or inside tag of its own type. Tags are numbered 0 = outside, 1 + 2t = begin of type t,
 * 2 + 2t = inside of type t. Viterbi decoding with transitions of 0 and minus infinity, as the constrained decoding of
 * AllenNLP's taggers.
 *
 * @param scores log-probabilities or logits of each place, `[places, tags]`
 * @param tags 1 + 2 times the number of types
 * @returns a tag for each place
 */
export function bestTagSequence(scores: Float32Array, tags: number): Int32Array {
  const places = scores.length / tags;
  const sequence = new Int32Array(places);
  if (places === 0) return sequence;
  const from = new Int32Array(places * tags);
  let best = new Float64Array(tags);
  // Before the first place lies the outside.
  for (let tag = 0; tag < tags; tag++) best[tag] = isInside(tag) ? -Infinity : scores[tag]!;
  for (let place = 1; place < places; place++) {
    let highest = 0;
    for (let tag = 1; tag < tags; tag++) if (best[tag]! > best[highest]!) highest = tag;
    const next = new Float64Array(tags);
    for (let tag = 0; tag < tags; tag++) {
      let previous = highest;
      // The begin tag of a type is the number before its inside tag.
      if (isInside(tag)) previous = best[tag - 1]! >= best[tag]! ? tag - 1 : tag;
      next[tag] = best[previous]! + scores[place * tags + tag]!;
      from[place * tags + tag] = previous;
    }
    best = next;
  }
  let last = 0;
  for (let tag = 1; tag < tags; tag++) if (best[tag]! > best[last]!) last = tag;
  for (let place = places - 1; place >= 0; place--) {
    sequence[place] = last;
    last = from[place * tags + last]!;
  }
  return sequence;
}

/** Whether a tag goes on with an entity: 2, 4, 6 ... */
export const isInside = (tag: number): boolean => tag > 0 && tag % 2 === 0;

/** A run of places that a sequence of tags marks. */
export interface TagRun {
  /** First place. */
  readonly start: number;
  /** Behind the last place. */
  readonly end: number;
  /** Number of the type. */
  readonly type: number;
}

/** Entities of a sequence of tags in which every inside tag follows its own begin or inside tag. */
export function tagRuns(sequence: ArrayLike<number>): TagRun[] {
  const runs: TagRun[] = [];
  for (let place = 0; place < sequence.length; place++) {
    const tag = sequence[place]!;
    if (tag === 0) continue;
    const type = (tag - 1) >> 1;
    let end = place + 1;
    while (end < sequence.length && sequence[end] === 2 + 2 * type) end++;
    runs.push({ start: place, end, type });
    place = end - 1;
  }
  return runs;
}
