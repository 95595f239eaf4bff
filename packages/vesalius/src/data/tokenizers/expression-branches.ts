/** One place of an expression: characters of a set, so many times. */
export interface SetItem {
  readonly kind: "set";
  /** The set as JavaScript source: a character, an escape or a class. */
  readonly set: string;
  readonly min: number;
  /** `Infinity` where nothing bounds it. */
  readonly max: number;
}

/** A look at what stands around a place, or an anchor: matches nothing, but can fail. */
export interface LookItem {
  readonly kind: "look";
  /** The set that must not follow, where it is a negative look ahead at one character. */
  readonly notFollowedBy?: string;
}

/** A group that may be left out and repeats nothing without a bound, so that going past it never fails. */
export interface OptionalItem {
  readonly kind: "optional";
  readonly branches: readonly Branch[];
}

export type Item = SetItem | LookItem | OptionalItem;

/** A way through an expression: places in their order. */
export type Branch = readonly Item[];

/** What an expression is too large or too involved for; told to whoever wrote it. */
export class Involved extends Error {}

/** Most ways through an expression that are looked at. */
const mostBranches = 500;
/** Most characters of a place in a group that may be left out, or in what is looked at. */
const shortPlace = 8;

const few = (branches: readonly Branch[]): readonly Branch[] => {
  if (branches.length > mostBranches) throw new Involved("has too many ways to match");
  return branches;
};

const after = (first: readonly Branch[], second: readonly Branch[]): readonly Branch[] => {
  if (first.length * second.length > mostBranches) throw new Involved("has too many ways to match");
  return first.flatMap((a) => second.map((b) => [...a, ...b]));
};

/** The only set of a branch that is one character. */
const singleSet = ([item, ...others]: Branch): string | undefined =>
  item?.kind === "set" && item.min === 1 && item.max === 1 && others.length === 0 ? item.set : undefined;

/** Whether a place takes a few characters at most. */
const isShort = (item: Item): boolean =>
  item.kind === "optional" ? item.branches.flat().every(isShort) : item.kind === "look" || item.max <= shortPlace;

/** Reads an expression in JavaScript's syntax with the flag `u`, which compiles. */
class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** Alternatives up to a closing parenthesis or the end. */
  alternatives(): readonly Branch[] {
    const all = [...this.#sequence()];
    while (this.#take(/\|/y) !== undefined) all.push(...this.#sequence());
    return few(all);
  }

  #sequence(): readonly Branch[] {
    let branches: readonly Branch[] = [[]];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at]!))
      branches = after(branches, this.#quantified(this.#piece()));
    return branches;
  }

  #piece(): readonly Branch[] {
    const opened = this.#take(/\((?:\?(?:<?[=!]|:|<[^>]*>))?/y);
    if (opened !== undefined) {
      const inner = this.alternatives();
      this.#take(/\)/y);
      return /[=!]$/.test(opened) ? [[lookAt(inner, opened)]] : inner;
    }
    if (this.#take(/[\^$]|\\[bB]/y) !== undefined) return [[{ kind: "look" }]];
    if (this.#take(/\\(?:[1-9]|k<)/y) !== undefined) throw new Involved("refers back to what it matched");
    const set = this.#take(/\[(?:\\.|[^\]\\])*\]|\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c.|.)|./suy)!;
    return [[{ kind: "set", set, min: 1, max: 1 }]];
  }

  #quantified(piece: readonly Branch[]): readonly Branch[] {
    const sign = this.#take(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/y);
    if (sign === undefined) return piece;
    const [min, max] = rangeOf(sign);
    const lazy = sign.length > 1 && sign.endsWith("?");
    const sets = piece.map(singleSet);
    if (sets.length === 1 && sets[0] !== undefined) return [[{ kind: "set", set: sets[0], min, max }]];
    if (min === 0 && max === 1 && piece.flat().every(isShort)) return [[{ kind: "optional", branches: piece }]];
    if (max > 4) throw new Involved("repeats a group");
    let [all, times]: [readonly Branch[], readonly Branch[]] = [min === 0 ? [[]] : [], [[]]];
    for (let count = 1; count <= max; count++) {
      times = after(times, piece);
      if (count >= min) all = few(lazy ? [...all, ...times] : [...times, ...all]);
    }
    return all;
  }
}

function rangeOf(sign: string): readonly [min: number, max: number] {
  if (sign.startsWith("*")) return [0, Infinity];
  if (sign.startsWith("+")) return [1, Infinity];
  if (sign.startsWith("?")) return [0, 1];
  const [, min, comma, max] = /^\{(\d+)(,?)(\d*)\}/.exec(sign)!;
  return [Number(min), comma === "" ? Number(min) : max === "" ? Infinity : Number(max)];
}

/** A look, which may only look at so many characters as it says. */
function lookAt(inner: readonly Branch[], opened: string): LookItem {
  if (!inner.flat().every(isShort)) throw new Involved("looks ahead or back without a bound");
  const [only] = inner;
  const set = inner.length === 1 ? singleSet(only!) : undefined;
  return opened === "(?!" && set !== undefined ? { kind: "look", notFollowedBy: set } : { kind: "look" };
}

/**
 * All ways through an expression, in the order in which they are tried, groups written out.
 *
 * @param source in JavaScript's syntax with the flag `u`; it compiles
 * @throws Involved for expressions that repeat groups, refer back, look without a bound, or have too many ways
 */
export const branchesOf = (source: string): readonly Branch[] => new Reader(source).alternatives();
