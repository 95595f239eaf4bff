import { platform } from "#platform";
import { VesaliusError } from "../../common/errors.ts";
import { columnNamed, type InputTypes, type Split } from "../../data/index.ts";
import { Graph, type Tensors } from "../../graph/index.ts";
import type { Backbone } from "../../models/index.ts";
import { type Backend, Program, SessionCache } from "../../runtime/index.ts";
import {
  backboneFeaturesOf,
  columnsOf,
  feedsOf,
  graphInputs,
  lossName,
  tokenLoss,
  vocabularyOf,
} from "../../tasks/index.ts";
import { nextToken } from "./next-token.ts";

/** How well a causal network predicts texts. */
export interface BitsPerByte {
  /** Bits of all predicted tokens by bytes of all texts: comparable whatever the tokenizer. */
  readonly bitsPerByte: number;
  /** `exp` of the mean loss of a token: comparable for one tokenizer only. */
  readonly perplexity: number;
  readonly tokens: number;
  readonly bytes: number;
}

/** Options of `bitsPerByte`. */
export interface BitsPerByteOptions {
  /** Role whose texts are predicted. */
  readonly role?: string;
  readonly batchSize?: number;
  readonly backend?: Backend;
}

/** The mean loss of the predicted tokens of a batch, without dropout. */
function lossGraph(backbone: Backbone, role: string, types: InputTypes): Graph {
  const graph = new Graph("bitsPerByte");
  const inputs = graphInputs(graph, types);
  const features = backboneFeaturesOf(backbone, inputs, { training: false });
  graph.output(lossName, tokenLoss(vocabularyOf(backbone.network, role)!(features), inputs[role]!["labels"]!).loss);
  return graph;
}

/** UTF-8 bytes of the texts that a role reads. */
function bytesOf(split: Split, columns: readonly string[]): number {
  const encoder = new TextEncoder();
  const texts = columns.flatMap(
    (name) => (columnNamed(split, name) as unknown as { values: readonly string[] }).values,
  );
  return texts.reduce((sum, text) => sum + encoder.encode(text).length, 0);
}

/**
 * Bits per byte of texts under a causal network (Gao et al. 2020, The Pile, section 3.1): the losses of all tokens over the
 * bytes of all texts. The first token of a text is predicted only where the tokenizer puts one in front of it.
 *
 * @param split texts that were not trained on
 * @throws VesaliusError `bad-data` where texts are longer than the network reads, whose ends would count as free;
 * `bad-configuration` for networks that are no causal decoder
 *
 * @example
 * const { bitsPerByte: bits } = await bitsPerByte(pretrained, notes.splits.validation);
 */
export async function bitsPerByte(
  backbone: Backbone & { readonly weights: Tensors },
  split: Split,
  { role = "text", batchSize = 16, backend }: BitsPerByteOptions = {},
): Promise<BitsPerByte> {
  const { parts } = nextToken({ role }).feeds(backbone);
  const plan = { parts, sampler: { name: "onePass" }, rows: Math.min(batchSize, split.length), extents: {}, seed: 0 };
  const batches = await platform.batches(split, plan, { workers: 0 });
  const programs = new SessionCache<Program>();
  const engine = backend ?? (await platform.defaultBackend());
  try {
    const cut = batches.counts[role]?.["truncatedTexts"] ?? 0;
    if (cut > 0)
      throw new VesaliusError("bad-data", `${cut} texts are longer than the network reads`, {
        where: `split ${split.name}`,
        fix: "cut them into windows first (step windows), or raise maximumLength of the tokens",
      });
    let [nats, tokens] = [0, 0];
    for (let step = 0; step < batches.steps; step++) {
      const { bucket, feeds, size } = await batches.batch(step);
      const labels = feeds.get(`${role}.labels`)!.data as Int32Array;
      // Rows that fill a batch up repeat its last one.
      labels.fill(-1, (labels.length / batches.rows(bucket)) * size);
      const count = labels.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0);
      if (count === 0) continue;
      const program = await programs.get(bucket, () =>
        Program.compile(lossGraph(backbone, role, batches.inputs(bucket)), engine),
      );
      const outputs = await program.run(feedsOf(program.graph, feeds), backbone.weights);
      nats += (outputs.get(lossName)!.data as Float32Array)[0]! * count;
      tokens += count;
    }
    const bytes = bytesOf(split, columnsOf(backbone, role));
    return { bitsPerByte: nats / Math.LN2 / bytes, perplexity: Math.exp(nats / tokens), tokens, bytes };
  } finally {
    await programs.release();
    await batches.close();
  }
}
