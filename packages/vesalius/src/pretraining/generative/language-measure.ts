import { bootstrapMany, byteNgrams, estimateOf, pairedDifferenceOf, supportOf } from "../../evaluation/index.ts";
import type { HeldOutExamples, HeldOutMeasure } from "../held-out.ts";
import { textsOf } from "./read-texts.ts";
import type { TextBits } from "./text-bits.ts";

/** Bytes of the n-grams that a language model has to beat. */
const order = 5;

/** What a measure of bits is called. */
interface MeasureName {
  readonly name: string;
  readonly label: string;
}

/**
 * Bits of texts by their bytes, beside those of n-grams of bytes that were counted in the training texts.
 *
 * @param columns whose texts the role reads
 */
export async function languageMeasure(
  { rows, texts, bits, bytes, leftOut }: TextBits,
  { trained, heldOut }: HeldOutExamples,
  columns: readonly string[],
  { name, label, seed = 0 }: MeasureName & { readonly seed?: number | undefined },
): Promise<HeldOutMeasure> {
  const { name: split } = heldOut;
  const shared = { name, label, split, better: "lower" as const, cases: rows.length, leftOut: { ...leftOut } };
  if (rows.length === 0) {
    const reason = "none of the texts could be measured";
    return { ...shared, estimate: { value: null, lower: null, upper: null, reason } };
  }
  const ngrams = byteNgrams(
    (await textsOf(trained, columns)).filter((text) => text !== null),
    order,
  );
  const floorBits = bytes.map((count, i) => ngrams.bitsPerByte([texts[i]!]) * count);
  const groups = heldOut.groups === undefined ? undefined : Array.from(rows, (row) => heldOut.groups![row]!);
  const per = (values: Float64Array, weights?: ArrayLike<number>): number => {
    let [all, length] = [0, 0];
    for (let i = 0; i < rows.length; i++) {
      all += values[i]! * (weights?.[i] ?? 1);
      length += bytes[i]! * (weights?.[i] ?? 1);
    }
    return all / length;
  };
  const [samples] = bootstrapMany<"own" | "floor">(
    (weights) => [{ own: per(bits, weights), floor: per(floorBits, weights) }],
    { count: rows.length, seed, ...(groups === undefined ? {} : { groups }) },
  );
  const support = supportOf(undefined, rows.length, groups);
  const [own, floor] = [samples!.own!, samples!.floor!];
  const range: [number, number] = [0, Infinity];
  return {
    ...shared,
    estimate: estimateOf(own, { range, support }),
    floor: { name: `${order}-grams of bytes`, estimate: estimateOf(floor, { range, support }) },
    difference: estimateOf(pairedDifferenceOf(own, floor).sample, { range: [-Infinity, Infinity], support }),
  };
}
