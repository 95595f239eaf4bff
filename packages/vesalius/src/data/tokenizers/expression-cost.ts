import { type Branch, branchesOf, Involved, type Item, type SetItem } from "./expression-branches.ts";

/** How the time of finding all matches grows with the length of a text. */
export type Growth = "linear" | "quadratic" | { readonly refused: string };

/** A repetition of more than so many different lengths, or so many times, counts as one without a bound. */
const fewLengths = 8;
const fewTimes = 64;
/** Most ways in which the bounded places of a branch can match. */
const mostWays = 1000;

/**
 * Characters that tell sets apart: all of the basic plane's alphabets, a sample of the others, and those that an
 * expression names itself. Sets that differ in none of them are taken for equal.
 */
const sample = ((): readonly string[] => {
  const points: number[] = [];
  for (let point = 0; point < 0x3100; point++) points.push(point);
  for (let point = 0x3100; point < 0x1_f000; point += 61) if (point < 0xd800 || point > 0xdfff) points.push(point);
  return points.map((point) => String.fromCodePoint(point));
})();

/** The sets of one expression, as which characters of the sample they hold. */
class Sets {
  readonly #characters: readonly string[];
  readonly #held = new Map<string, Uint8Array>();

  constructor(source: string) {
    const escaped = [...source.matchAll(/\\u\{?([0-9a-fA-F]+)\}?/g)].map(([, hex]) => Number.parseInt(hex!, 16));
    const own = escaped.filter((point) => point <= 0x10_ffff).map((point) => String.fromCodePoint(point));
    this.#characters = [...sample, ...new Set([...Array.from(source), ...own])];
  }

  #of(set: string): Uint8Array {
    const known = this.#held.get(set);
    if (known !== undefined) return known;
    const pattern = new RegExp(`^${set}$`, "su");
    const held = Uint8Array.from(this.#characters, (character) => Number(pattern.test(character)));
    this.#held.set(set, held);
    return held;
  }

  overlap(a: string, b: string): boolean {
    const [one, other] = [this.#of(a), this.#of(b)];
    return one.some((held, i) => held === 1 && other[i] === 1);
  }

  contains(large: string, small: string): boolean {
    const [one, other] = [this.#of(large), this.#of(small)];
    return other.every((held, i) => held === 0 || one[i] === 1);
  }
}

const countsAsUnbounded = ({ min, max }: SetItem): boolean => max - min > fewLengths || max > fewTimes;
const isUnbounded = (item: Item): item is SetItem => item.kind === "set" && countsAsUnbounded(item);
const mayBeEmpty = (item: Item): boolean => item.kind === "optional" || (item.kind === "set" && item.min === 0);

/** What a branch costs where matching begins at one place. */
interface Cost {
  /** Power of the length. */
  readonly power: number;
  /** Sets of what may be read in vain; empty where it takes what it has read, so that no other match begins there. */
  readonly vain: readonly string[];
}

function costOf(branch: Branch, sets: Sets): Cost {
  const repeated = branch.flatMap((item, at) => (isUnbounded(item) ? [{ item, at }] : []));
  if (repeated.length === 0) return { power: 0, vain: [] };
  const last = repeated.at(-1)!;
  const rest = branch.slice(repeated[0]!.at + 1);
  const begins = repeated[0]!.item.min <= fewTimes;
  if (begins && rest.every(mayBeEmpty)) return { power: 1, vain: [] };
  // What must not follow and is no character of the repetition: giving back one character is enough.
  const [look] = branch.slice(last.at + 1);
  const ends = repeated.length === 1 && rest.length === 1 && look?.kind === "look" && look.notFollowedBy !== undefined;
  if (begins && ends && !sets.overlap(last.item.set, look.notFollowedBy)) return { power: 1, vain: [] };
  const fails = branch.findLastIndex((item) => !mayBeEmpty(item));
  const before = repeated.filter(({ at }) => at < fails);
  const ambiguous = before.filter(
    ({ item }, i) => i > 0 && before.slice(0, i).some((other) => sets.overlap(other.item.set, item.set)),
  );
  return { power: 1 + ambiguous.length, vain: (begins ? before : repeated).map(({ item }) => item.set) };
}

/** Whether a later branch takes all that an earlier one may read in vain, so that it is read in vain only once. */
const takesAfter = (vain: readonly string[], later: readonly Branch[], sets: Sets): boolean =>
  later.some((other) => {
    const at = other.findIndex(isUnbounded);
    const item = other[at];
    return (
      item?.kind === "set" &&
      item.min <= 1 &&
      other.slice(0, at).every(mayBeEmpty) &&
      costOf(other, sets).vain.length === 0 &&
      vain.every((set) => sets.contains(item.set, set))
    );
  });

function waysOf(branch: Branch): number {
  return branch.reduce((ways, item) => {
    if (item.kind === "look") return ways;
    if (item.kind === "set") return countsAsUnbounded(item) ? ways : ways * (item.max - item.min + 1);
    return ways * (1 + item.branches.reduce((sum, inner) => sum + waysOf(inner), 0));
  }, 1);
}

/**
 * How the time of finding all matches of an expression in a text grows with its length in an engine that goes back, such
 * as those of JavaScript. What is not plainly linear or quadratic is refused: the usual expressions of tokenizers are.
 *
 * @param source in JavaScript's syntax with the flag `u`; it compiles
 */
export function growthOf(source: string): Growth {
  try {
    const branches = branchesOf(source);
    const sets = new Sets(source);
    let growth: Growth = "linear";
    for (const [i, branch] of branches.entries()) {
      if (waysOf(branch) > mostWays) return { refused: "has too many ways to match" };
      const { power, vain } = costOf(branch, sets);
      if (power > 1) return { refused: "repeats characters in several places that can match the same text" };
      if (vain.length > 0 && !takesAfter(vain, branches.slice(i + 1), sets)) growth = "quadratic";
    }
    return growth;
  } catch (error) {
    if (error instanceof Involved) return { refused: error.message };
    throw error;
  }
}
