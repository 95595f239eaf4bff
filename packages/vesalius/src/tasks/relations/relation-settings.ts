import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { PairSignature, Split } from "../../data/index.ts";
import { presentRows, requireColumn } from "../columns.ts";

/** Settings of relation extraction. */
export const relationExtractionSchema = z.strictObject({
  /** Role that reads the text. */
  role: z.string().default("text"),
  /** Column of the text that the related pieces lie in. */
  textColumn: z.string().default("text"),
  /** Column of the marked pieces, which are given: found by people, or by a model of tokenClassification. */
  spans: z.string().default("spans"),
  /** Column of the relations. */
  column: z.string().default("relations"),
  /** Types of relations; those of the data where they are left out. */
  types: z.array(z.string().min(1)).min(1).optional(),
  /** Types of head and tail that a relation may join, with its usual type; those that occur in training by default. */
  signatures: z
    .array(z.strictObject({ head: z.string(), tail: z.string(), usual: z.string() }))
    .min(1)
    .optional(),
  /** Pairs of a text that are looked at, the nearest first; as many as training texts have by default. */
  pairs: z.int().positive().max(4096).optional(),
  /** Width of the layer that reads head and tail together. */
  hidden: z.int().positive().max(4096).default(128),
});

/** Settings as they are given. */
export type GivenRelations = z.output<typeof relationExtractionSchema>;
/** Settings with what only data tell. */
export type RelationSettings = GivenRelations & {
  readonly [Key in "types" | "signatures" | "pairs"]: NonNullable<GivenRelations[Key]>;
};

/** Types of head and tail that may be related. */
export const signaturesOf = ({ signatures }: RelationSettings): PairSignature[] =>
  signatures.map(({ head, tail }) => [head, tail]);

/**
 * Checks a split before time is spent.
 *
 * @throws VesaliusError `bad-data`
 */
export function checkRelations(
  split: Split,
  settings: RelationSettings,
  use: "training" | "evaluation" | "prediction",
): void {
  const { textColumn, spans, column, types } = settings;
  requireColumn(split, textColumn, "texts");
  requireColumn(split, spans, "spans");
  if (use === "prediction") return;
  const relations = requireColumn(split, column, "relations");
  const where = `split ${split.name}, column ${column}`;
  if (relations.types.some((type) => !types.includes(type)))
    throw new VesaliusError("bad-data", "the data have a type of relation that the model does not know", {
      where,
      fix: `use data annotated with ${types.join(", ")}`,
    });
  if (relations.typeOf.length === 0)
    throw new VesaliusError("bad-data", "no text has a relation", { where, fix: "use data with relations" });
  const unknown = split.length - presentRows(relations).length;
  if (use === "training" && unknown > 0)
    throw new VesaliusError("bad-data", `${unknown} training texts are not annotated with relations`, {
      where,
      fix: "leave them out; a text without a relation has an empty list",
    });
}
