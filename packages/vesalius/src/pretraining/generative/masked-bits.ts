import { randomStream } from "../../common/random.ts";
import { type Split, takeRows } from "../../data/index.ts";
import { roleParts } from "../../tasks/index.ts";
import type { WeightedBackbone } from "../held-out.ts";
import { readTexts } from "./read-texts.ts";
import { bitsOf, type Label, rowNats, type TextBits, type TextBitsOptions } from "./text-bits.ts";

/** Options of `maskedBits`. */
export interface MaskedBitsOptions extends TextBitsOptions {
  /** Most texts that are measured, drawn where there are more: each takes as many passes as it has tokens. */
  readonly texts?: number;
  readonly seed?: number;
}

/**
 * Pseudo-bits of texts under a masked language model (Salazar et al. 2020): of each token given all others. No code could
 * be that short, since it knows what comes later; it compares models of one tokenizer, and is no bound on another's bits.
 *
 * Tokens without a mask, and those with features of words, which would show through it, leave all texts out.
 *
 * @throws VesaliusError `bad-data` where the role reads something else than texts
 */
export async function maskedBits(
  backbone: WeightedBackbone,
  split: Split,
  options: MaskedBitsOptions = {},
): Promise<TextBits> {
  const { role = "text", texts: most = 200, seed = 0 } = options;
  const { texts: all, leftOut, table, settings } = await readTexts(backbone, split, role);
  const { mask } = table;
  if (mask === undefined || settings.features !== undefined) {
    const reason = mask === undefined ? "no token hides others" : "features of words show hidden tokens";
    return bitsOf([], { ...leftOut, [reason]: all.length }, new Float64Array(0), 0, () => 0);
  }
  const stream = randomStream(seed, "texts of pseudo-bits");
  const order = Array.from(all.keys());
  for (let i = order.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const texts = order
    .slice(0, most)
    .sort((a, b) => a - b)
    .map((i) => all[i]!);
  // A copy of a text for each of its tokens, which is hidden in it.
  const copies = texts.flatMap(({ prepared: { ids } }, text) =>
    Array.from(ids.keys()).flatMap((place) => (table.isOrdinary[ids[place]!] === 1 ? [{ text, place }] : [])),
  );
  const nats = new Float64Array(texts.length);
  if (copies.length === 0) return bitsOf(texts, leftOut, nats, 0, () => 0);
  const taken = takeRows(
    split,
    copies.map(({ text }) => texts[text]!.row),
  );
  const label: Label = (tokens, copy, place, length) => {
    const hidden = copies[copy]!.place;
    const labels = new Int32Array(length).fill(-1);
    labels[hidden] = tokens[place + hidden]!;
    tokens[place + hidden] = mask;
    return labels;
  };
  const found = await rowNats(backbone, taken, role, roleParts(backbone), label, {
    batchSize: 32,
    ...options,
    most: 1,
  });
  copies.forEach(({ text }, copy) => (nats[text]! += found.nats[copy]!));
  return bitsOf(texts, leftOut, nats, copies.length, () => 0);
}
