import { VesaliusError } from "../../common/errors.ts";
import { candidatePairs, type Span, type Split } from "../../data/index.ts";
import { requireColumn } from "../columns.ts";
import type { GivenRelations } from "./relation-settings.ts";

/** More pairs than this of one text are looked at only where the settings say so. */
const usualMost = 512;

/** Types of head and tail of the relations of a split, the most frequent relation of each. */
function signaturesIn(train: Split, column: string): NonNullable<GivenRelations["signatures"]> {
  const { types, spanTypes, typeOf, headTypes, tailTypes } = requireColumn(train, column, "relations");
  const counts = new Map<string, number[]>();
  typeOf.forEach((type, i) => {
    const key = `${headTypes[i]!} ${tailTypes[i]!}`;
    const own = counts.get(key) ?? types.map(() => 0);
    own[type]!++;
    counts.set(key, own);
  });
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, own]) => {
      const [head, tail] = key.split(" ").map((type) => spanTypes[Number(type)]!) as [string, string];
      return { head, tail, usual: types[own.indexOf(Math.max(...own))]! };
    });
}

/** Most candidate pairs of a text of a split. */
function mostPairs(train: Split, column: string, signatures: NonNullable<GivenRelations["signatures"]>): number {
  const { types, offsets, starts, ends, typeOf } = requireColumn(train, column, "spans");
  const pairs = signatures.map(({ head, tail }) => [head, tail] as const);
  let most = 1;
  for (let row = 0; row < train.length; row++) {
    const spans = Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, i): Span => {
      const at = offsets[row]! + i;
      return { start: starts[at]!, end: ends[at]!, type: types[typeOf[at]!]! };
    });
    most = Math.max(most, candidatePairs(spans, pairs).length);
  }
  return Math.min(usualMost, most);
}

/**
 * Settings with what the training data decide: types of relations, types of the pieces that they join, pairs of a text.
 *
 * @throws VesaliusError `bad-data` for data without a relation
 */
export function fitRelations(settings: GivenRelations, train: Split): GivenRelations {
  const relations = requireColumn(train, settings.column, "relations");
  if (relations.typeOf.length === 0)
    throw new VesaliusError("bad-data", "no training text has a relation", {
      where: `split ${train.name}, column ${settings.column}`,
      fix: "train on annotated texts",
    });
  const signatures = settings.signatures ?? signaturesIn(train, settings.column);
  return {
    ...settings,
    types: settings.types ?? [...relations.types],
    signatures,
    pairs: settings.pairs ?? mostPairs(train, settings.spans, signatures),
  };
}
