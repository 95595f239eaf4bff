import { deniedIn } from "../statements/polarity.ts";
import { type Quantity, quantitiesOf } from "../statements/quantities.ts";
import { wordsSaid } from "../statements/statement.ts";

/** What a rewriting changed that it must not change. */
export interface Difference {
  readonly kind: "number" | "unit" | "negation";
  /** Whether the source says it and the rewriting does not, or the other way round. */
  readonly change: "lost" | "added";
  /** The number with its unit, or what is denied. */
  readonly what: string;
}

const shownAs = ({ value, unit }: Quantity): string => (unit === undefined ? value : `${value} ${unit}`);

/** Numbers, and numbers with units, that only the first of two texts has. */
function quantitiesWithout(text: string, other: string, change: Difference["change"]): Difference[] {
  // What may be a number in the other text is not missed there.
  const rest = quantitiesOf(other, "possible");
  return quantitiesOf(text).flatMap((one): Difference[] => {
    const exact = rest.findIndex(({ value, unit }) => value === one.value && unit === one.unit);
    const found = exact >= 0 ? exact : rest.findIndex(({ value }) => value === one.value);
    if (found < 0) return [{ kind: "number", change, what: shownAs(one) }];
    const [same] = rest.splice(found, 1);
    return same!.unit === one.unit ? [] : [{ kind: "unit", change, what: shownAs(one) }];
  });
}

/** Stems that a text says, by whether it denies them everywhere, nowhere, or both. */
function polarities(text: string): ReadonlyMap<string, ReadonlySet<boolean>> {
  const found = new Map<string, Set<boolean>>();
  for (const { word, denied } of wordsSaid(text)) found.set(word, (found.get(word) ?? new Set()).add(denied));
  return found;
}

const pieceOf = (text: string, { start, end }: { readonly start: number; readonly end: number }): string =>
  text.slice(start, Math.min(end, start + 60)).trim();

/** Denials that only one of two texts has: by their number, and word by word where both say the word. */
function negationsChanged(source: string, rewriting: string): Difference[] {
  const [before, after] = [polarities(source), polarities(rewriting)];
  const turned = [...before].flatMap(([word, was]): Difference[] => {
    const is = after.get(word);
    if (is === undefined || was.size > 1 || is.size > 1) return [];
    const [denied] = was;
    return is.has(denied!) ? [] : [{ kind: "negation", change: denied! ? "lost" : "added", what: word }];
  });
  if (turned.length > 0) return turned;
  const [own, others] = [deniedIn(source), deniedIn(rewriting)];
  if (own.length > others.length)
    return own
      .slice(others.length)
      .map((piece) => ({ kind: "negation", change: "lost", what: pieceOf(source, piece) }));
  return others
    .slice(own.length)
    .map((piece) => ({ kind: "negation", change: "added", what: pieceOf(rewriting, piece) }));
}

/**
 * What a rewriting changed of numbers, units and negations, in English and Chinese. Numbers in words and digits, and units in
 * all their spellings, are the same; what is denied is found by the words of negation. That nothing is found does not say
 * that the rewriting means the same.
 *
 * @example
 * differencesOf("Take 5 mg. Do not drive.", "Take 5 g. You can drive."); // a unit and a negation
 */
export const differencesOf = (source: string, rewriting: string): Difference[] => [
  ...quantitiesWithout(source, rewriting, "lost"),
  ...quantitiesWithout(rewriting, source, "added").filter(({ kind }) => kind === "number"),
  ...negationsChanged(source, rewriting),
];
