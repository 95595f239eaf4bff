import type { Exchange } from "./source.ts";
import { isDose, quantitiesOf } from "./quantities.ts";
import { wordsSaid } from "./statement.ts";

/** Why a sentence does not rest on its source. */
export interface Flag {
  /**
   * `number` and `dose` stand nowhere in the source; `negation`: the source says the contrary; `words`: too few of its words
   * stand in the source; `model`: a trained model found no support.
   */
  readonly kind: "number" | "dose" | "negation" | "words" | "model";
  /** The words of the sentence that it is about. */
  readonly text: string;
}

/** Where a sentence comes from. */
export interface Alignment {
  /** Positions of the items of the source that it rests on, in their order. */
  readonly items: readonly number[];
  /** Share of its content words that these items have, from 0 to 1. */
  readonly coverage: number;
  readonly flags: readonly Flag[];
}

/** When a sentence counts as supported. */
export interface AlignmentOptions {
  /** Least share of content words. */
  readonly coverage?: number;
  /** Exchanges that one sentence may rest on at most. */
  readonly exchanges?: number;
  /** Words that a sentence is about without saying so, such as those of its section ("None." under Allergies). */
  readonly topic?: readonly string[];
}

/** Least share of content words that a supported sentence has in its source; chosen on training conversations. */
export const defaultCoverage = 0.5;

/** What a sentence says that its source may have: a word, or a number with its unit. */
interface Wanted {
  readonly text: string;
  readonly weight: number;
  isIn(exchange: Exchange): boolean;
}

const numberIn = ({ numbers }: Exchange, value: string, unit: string | undefined, strict: boolean): boolean => {
  const units = numbers.get(value);
  return units !== undefined && (!strict || units.has(unit));
};

/** Exchanges that have most of what is wanted, one after the other, each for what those before lack. */
function chooseExchanges(exchanges: readonly Exchange[], wanted: readonly Wanted[], most: number): Exchange[] {
  const chosen: Exchange[] = [];
  let left = wanted;
  while (chosen.length < most && left.length > 0) {
    let [best, gain] = [undefined as Exchange | undefined, 0];
    for (const exchange of exchanges) {
      const own = left.reduce((sum, one) => sum + (one.isIn(exchange) ? one.weight : 0), 0);
      if (own > gain) [best, gain] = [exchange, own];
    }
    if (best === undefined) break;
    chosen.push(best);
    left = left.filter((one) => !one.isIn(best));
  }
  return chosen;
}

/**
 * Links a sentence to the turns, findings and codes that it rests on: the fewest exchanges that have its content words and
 * numbers. It is flagged where a number or a dose of it stands nowhere in the source, where the linked exchanges say the
 * contrary of it (negation), and where they have too few of its words. Words in common do not prove a sentence: who did what
 * is not compared.
 *
 * @param exchanges of the source, see `exchangesOf`
 *
 * @example
 * align("Denies fever.", exchangesOf([{ kind: "turn", speaker: "Doctor", text: "Any fever?" }, ...])).items; // [0, 1]
 */
export function align(sentence: string, exchanges: readonly Exchange[], options: AlignmentOptions = {}): Alignment {
  const { coverage: enough = defaultCoverage, exchanges: most = 4, topic = [] } = options;
  const own = wordsSaid(sentence);
  const isShort = own.length === 0;
  const denies = isShort && /\b(?:no|none|not|negative|denie[sd]|never)\b|无|没有/i.test(sentence);
  const said = isShort ? wordsSaid(topic.join(". ")).map(({ word }) => ({ word, denied: denies })) : own;
  const polarities = new Map<string, Set<boolean>>();
  for (const { word, denied } of said) polarities.set(word, (polarities.get(word) ?? new Set()).add(denied));
  // The number of an entry of a list is no statement.
  const numbers = quantitiesOf(sentence).filter(({ end }) => !/^\s*\d+[.)]?$/.test(sentence.slice(0, end + 1).trim()));
  const words = [...polarities.keys()].map((word): Wanted => ({
    text: word,
    weight: 1,
    isIn: (one) => one.words.has(word),
  }));
  const counted = numbers.map((quantity): Wanted => ({
    text: quantity.text,
    weight: 2,
    isIn: (one) => numberIn(one, quantity.value, quantity.unit, isDose(quantity)),
  }));
  const chosen = chooseExchanges(exchanges, [...words, ...counted], most);
  const has = (one: Wanted): boolean => chosen.some((exchange) => one.isIn(exchange));
  const found = words.filter(has);
  const flags: Flag[] = [];
  // Spoken numbers have several readings, of which one is enough.
  for (const { start, text, ...quantity } of numbers) {
    const readings = numbers.flatMap((other, i) => (other.start === start ? [counted[i]!] : []));
    if (readings.some((one) => exchanges.some((exchange) => one.isIn(exchange)))) continue;
    const kind = isDose({ ...quantity, start, text }) ? "dose" : "number";
    if (!flags.some((flag) => flag.text === text)) flags.push({ kind, text });
  }
  const contrary = found.filter(({ text }) => {
    const stated = chosen.flatMap(({ words: theirs }) => theirs.get(text) ?? []);
    const [affirmed, denied] = [stated.some((one) => one.affirmed), stated.some((one) => one.denied)];
    const ways = polarities.get(text)!;
    return (affirmed || denied) && !((ways.has(false) && affirmed) || (ways.has(true) && denied));
  });
  if (contrary.length > 0 && contrary.length * 3 >= found.length)
    flags.push({ kind: "negation", text: contrary.map(({ text }) => text).join(" ") });
  const topicOnly = isShort && numbers.length === 0;
  const share = topicOnly
    ? Number(found.length > 0)
    : words.length === 0
      ? Number(counted.some(has))
      : found.length / words.length;
  if (share < enough)
    flags.push({
      kind: "words",
      text: words
        .filter((one) => !has(one))
        .map(({ text }) => text)
        .join(" "),
    });
  return { items: [...new Set(chosen.flatMap(({ items }) => items))].sort((a, b) => a - b), coverage: share, flags };
}
