import type { WantedInput } from "./predict-messages.ts";

/** Kinds of input that the page reads; others are for the command line. */
export type ReadableKind = "texts" | "sequences" | "molecules" | "images" | "volumes";

/**
 * The kind that the page reads for a column; undefined where it reads none that the model takes. Encoders of letters take
 * texts, sequences and molecules alike: the column's name says which of them the model learned from.
 */
export function readableKind({ name, kinds }: WantedInput): ReadableKind | undefined {
  const takes = (kind: ReadableKind): boolean => kinds.includes(kind);
  if (takes("sequences") && (!takes("texts") || /sequence|protein|dna|rna/i.test(name))) return "sequences";
  if (takes("molecules") && (!takes("texts") || /molecule|smiles/i.test(name))) return "molecules";
  return (["texts", "images", "volumes"] as const).find(takes);
}
