import { platform } from "#platform";
import { type Part, type Split, takeRows } from "../../data/index.ts";
import { Graph } from "../../graph/index.ts";
import { type Backend, Program, SessionCache } from "../../runtime/index.ts";
import {
  backboneFeaturesOf,
  feedsOf,
  graphInputs,
  labelledLogits,
  labelLogProbabilities,
  roleParts,
  vocabularyOf,
} from "../../tasks/index.ts";
import type { WeightedBackbone } from "../held-out.ts";
import { type ReadText, readTexts } from "./read-texts.ts";

/** How the texts of a split are scored. */
export interface TextBitsOptions {
  /** Role whose texts are predicted. */
  readonly role?: string;
  readonly batchSize?: number;
  readonly backend?: Backend;
}

/** What the texts of a split cost a network, those that could be measured. */
export interface TextBits {
  /** `[texts]` rows of the split. */
  readonly rows: Int32Array;
  /** The texts themselves. */
  readonly texts: readonly string[];
  /** `[texts]` bits of a text. */
  readonly bits: Float64Array;
  /** `[texts]` UTF-8 bytes of a text. */
  readonly bytes: Float64Array;
  /** Tokens that were predicted. */
  readonly tokens: number;
  /** Natural logarithms of their probabilities, summed and negated. */
  readonly nats: number;
  /** Texts that were not measured, by the reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

const encoder = new TextEncoder();
/** UTF-8 bytes of a text. */
export const bytesOf = (text: string): number => encoder.encode(text).length;

/** Bits of a byte that nothing predicts. */
const bitsOfByte = 8;

/** Labels of the rows of a batch, int32 `[rows, length]`, -1 where nothing is predicted; may hide what it labels. */
export type Label = (tokens: Int32Array, row: number, place: number, length: number) => Int32Array;

/** Negated sums of the logarithms of the labels' probabilities of each row of a split, and how many labels there are. */
export async function rowNats(
  backbone: WeightedBackbone,
  split: Split,
  role: string,
  parts: Record<string, Part>,
  label: Label,
  { batchSize = 16, backend, most }: TextBitsOptions & { readonly most?: number },
): Promise<{ readonly nats: Float64Array; readonly tokens: Float64Array }> {
  const plan = { parts, sampler: { name: "onePass" }, rows: Math.min(batchSize, split.length), extents: {}, seed: 0 };
  const batches = await platform.batches(split, plan, { workers: 0 });
  const programs = new SessionCache<Program>();
  const engine = backend ?? (await platform.defaultBackend());
  const [nats, tokens] = [new Float64Array(split.length), new Float64Array(split.length)];
  try {
    for (let step = 0; step < batches.steps; step++) {
      const { bucket, feeds, rows, size } = await batches.batch(step);
      const ids = feeds.get(`${role}.tokens`)!;
      const [count, length] = ids.shape as [number, number];
      const labels = new Int32Array(count * length).fill(-1);
      // Rows that fill a batch up repeat its last one.
      for (let row = 0; row < size; row++)
        labels.set(label(ids.data as Int32Array, rows[row]!, row * length, length), row * length);
      const program = await programs.get(bucket, () => {
        const graph = new Graph("textBits");
        const inputs = graphInputs(graph, batches.inputs(bucket));
        const features = backboneFeaturesOf(backbone, inputs, { training: false });
        const vocabulary = vocabularyOf(backbone.network, role)!(features);
        const targets = graph.input("labels", "int32", [count, length]);
        const labelled = labelledLogits(vocabulary, targets, most);
        const found = labelLogProbabilities(labelled.logits, labelled.targets);
        graph.output("sums", found.sums);
        graph.output("tokens", found.tokens);
        return Program.compile(graph, engine);
      });
      const given = new Map([
        ...feedsOf(program.graph, feeds),
        ["labels", { dtype: "int32", shape: [count, length], data: labels }] as const,
      ]);
      const outputs = await program.run(given, backbone.weights);
      for (let row = 0; row < size; row++) {
        nats[rows[row]!] = -Number(outputs.get("sums")!.data[row]);
        tokens[rows[row]!] = Number(outputs.get("tokens")!.data[row]);
      }
    }
    return { nats, tokens };
  } finally {
    await programs.release();
    await batches.close();
  }
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** @param unpredicted bytes of a text that no prediction pays for */
export function bitsOf(
  texts: readonly ReadText[],
  leftOut: Readonly<Record<string, number>>,
  nats: Float64Array,
  tokens: number,
  unpredicted: (text: ReadText) => number,
): TextBits {
  return {
    rows: Int32Array.from(texts, ({ row }) => row),
    texts: texts.map(({ text }) => text),
    bits: Float64Array.from(texts, (text, i) => nats[i]! / Math.LN2 + bitsOfByte * unpredicted(text)),
    bytes: Float64Array.from(texts, ({ text }) => bytesOf(text)),
    tokens,
    nats: sum(nats),
    leftOut,
  };
}

/**
 * Bits of texts under a causal network: of each token given those before it. A first token that nothing stands in front of
 * counts as raw bytes.
 *
 * @throws VesaliusError `bad-data` where the role reads something else than texts
 */
export async function causalBits(
  backbone: WeightedBackbone,
  split: Split,
  options: TextBitsOptions = {},
): Promise<TextBits> {
  const { role = "text" } = options;
  const { texts, leftOut, table } = await readTexts(backbone, split, role);
  if (texts.length === 0) return bitsOf([], leftOut, new Float64Array(0), 0, () => 0);
  const taken = takeRows(
    split,
    texts.map(({ row }) => row),
  );
  const label: Label = (tokens, row, place, length) => {
    const { ids } = texts[row]!.prepared;
    return Int32Array.from({ length }, (_, i) => (i + 1 < ids.length ? tokens[place + i + 1]! : -1));
  };
  const found = await rowNats(backbone, taken, role, roleParts(backbone), label, options);
  return bitsOf(texts, leftOut, found.nats, sum(found.tokens), ({ text, prepared: { ids, offsets } }) =>
    table.isOrdinary[ids[0]!] === 1 ? bytesOf(text.slice(0, offsets[1])) : 0,
  );
}
