import {
  cast,
  concat,
  expand,
  gather,
  Graph,
  type GraphBounds,
  pruned,
  reshape,
  scatterND,
  type Value,
} from "../graph/index.ts";
import type { AttendTo, Decoding, KeysAndValues } from "../models/index.ts";
import type { StateSlot } from "../runtime/index.ts";
import type { CausalDecoder, EncoderDecoder } from "../models/index.ts";

/** A graph and which of its outputs replace which inputs after each run. */
export interface StatefulGraph {
  readonly graph: Graph;
  readonly states: readonly StateSlot[];
}

/** Names of a layer's keys and values, as graphs give and take them. */
const kept = (layer: string): KeysAndValuesNames => ({ key: `${layer}//key`, value: `${layer}//value` });
type KeysAndValuesNames = { readonly [Part in keyof KeysAndValues]: string };

/** Gives the keys and values of every layer as outputs. */
const record =
  (graph: Graph): AttendTo =>
  (own, layer) => {
    const names = kept(layer);
    graph.output(names.key, own.key);
    graph.output(names.value, own.value);
    return own;
  };

/** Takes the keys and values of every layer as inputs, and leaves unused what they would be computed from. */
const recall =
  (graph: Graph): AttendTo =>
  (own, layer) => {
    const names = kept(layer);
    return {
      key: graph.input(names.key, "float32", own.key.shape),
      value: graph.input(names.value, "float32", own.value.shape),
    };
  };

/** Row, head and slot of each new key, int64 `[rows, heads, tokens, 3]`. */
function places(positions: Value, heads: number): Value {
  const [rows, tokens] = positions.shape as [number, number];
  const owners = Array.from({ length: rows * heads * tokens }, (_, i) => {
    const owner = Math.floor(i / tokens);
    return [Math.floor(owner / heads), owner % heads];
  });
  const slots = expand(reshape(cast(positions, "int64"), [rows, 1, tokens, 1]), [rows, heads, tokens, 1]);
  return concat([positions.graph.int64(owners.flat(), [rows, heads, tokens, 2]), slots], 3);
}

/** Writes new keys and values into the slots of their positions, and shows the queries all slots. */
function remember(positions: Value, slots: number, states: StateSlot[]): AttendTo {
  const { graph } = positions;
  const placesOfHeads = new Map<number, Value>();
  return (own, layer) => {
    const names = kept(layer);
    const [rows, heads, , width] = own.key.shape as [number, number, number, number];
    const indices = placesOfHeads.get(heads) ?? places(positions, heads);
    placesOfHeads.set(heads, indices);
    const extend = (part: "key" | "value"): Value => {
      const read = names[part];
      const write = `${read}.next`;
      states.push({ read, write });
      return graph.output(
        write,
        scatterND(graph.input(read, "float32", [rows, heads, slots, width]), indices, own[part]),
      );
    };
    return { key: extend("key"), value: extend("value") };
  };
}

/** The hidden state of one token of each row, by its number in the flattened batch: `[rows, 1, width]`. */
const selectLast =
  (last: Value) =>
  (final: Value): Value => {
    const [rows, length, width] = final.shape as [number, number, number];
    return reshape(gather(reshape(final, [rows * length, width]), last), [rows, 1, width]);
  };

const lastLogits = (graph: Graph, logits: Value): Value =>
  graph.output("logits", reshape(logits, [logits.shape[0]!, logits.shape[2]!]));

/**
 * Graph that reads whole prompts, padded on the right, from the definition that training uses.
 *
 * Inputs: `tokens` int32 `[rows, length]`, `last` int32 `[rows]` (the number of each row's last token among all
 * `rows * length`). Outputs: `logits` `[rows, vocabularySize]` of what follows the last tokens, and with `keep` the
 * keys and values of every layer `[rows, heads, length, headWidth]`.
 */
export function prefillGraph(decoder: CausalDecoder, rows: number, length: number, keep: boolean): Graph {
  const graph = new Graph("prefill");
  const tokens = graph.input("tokens", "int32", [rows, length]);
  const select = selectLast(graph.input("last", "int32", [rows]));
  lastLogits(graph, decoder.logits(tokens, { select, ...(keep ? { attendTo: record(graph) } : {}) }));
  return pruned(graph);
}

function continuing(graph: Graph, rows: number, slots: number, logits: (tokens: Value, decoding: Decoding) => Value) {
  const tokens = graph.input("tokens", "int32", [rows, 1]);
  const positions = graph.input("positions", "int32", [rows, 1]);
  const states: StateSlot[] = [];
  lastLogits(
    graph,
    logits(tokens, { continuation: { positions, slots }, attendTo: remember(positions, slots, states) }),
  );
  return { graph: pruned(graph), states };
}

/**
 * Graph that reads one more token of each row, from the same definition.
 *
 * Inputs: `tokens` and `positions`, int32 `[rows, 1]`, and as states the keys and values of every layer
 * `[rows, heads, slots, headWidth]`. Output: `logits` `[rows, vocabularySize]` of what follows. The new keys and values
 * are scattered into the slots of their positions, which a backend that can does in place.
 */
export const decodeGraph = (decoder: CausalDecoder, rows: number, slots: number): StatefulGraph =>
  continuing(new Graph("decode"), rows, slots, decoder.logits);

/**
 * Graph that reads prompts and gives the keys and values that the decoder's layers see of them.
 *
 * Inputs: `prompt` int32 `[rows, length]`, `mask` float32 `[rows, length]` (1 for tokens, 0 for padding).
 */
export function encodeGraph(model: EncoderDecoder, rows: number, length: number): Graph {
  const graph = new Graph("encode");
  model.logits({
    tokens: graph.input("prompt", "int32", [rows, length]),
    mask: graph.input("mask", "float32", [rows, length]),
    decoderTokens: graph.input("tokens", "int32", [rows, 1]),
    decoding: { attendToEncoded: record(graph) },
  });
  return pruned(graph);
}

/**
 * `decodeGraph` of an encoder-decoder: takes what `encodeGraph` gives, and `mask`, beside the decoder's own inputs.
 *
 * @param length tokens of the padded prompts
 */
export function decodeEncodedGraph(model: EncoderDecoder, rows: number, slots: number, length: number): StatefulGraph {
  const graph = new Graph("decode");
  // The encoder is built only to tell its shapes: nothing reads it once its keys and values come as inputs.
  const tokens = graph.input("prompt", "int32", [rows, length]);
  const mask = graph.input("mask", "float32", [rows, length]);
  return continuing(graph, rows, slots, (decoderTokens, decoding) =>
    model.logits({ tokens, mask, decoderTokens, decoding: { ...decoding, attendToEncoded: recall(graph) } }),
  );
}

/** The whole model on a short text: it holds every parameter that generation reads. */
export function completeGraph(model: CausalDecoder | EncoderDecoder, bounds?: GraphBounds): Graph {
  const graph = new Graph("complete", bounds);
  const tokens = graph.input("tokens", "int32", [1, 1]);
  const logits =
    model.kind === "causal"
      ? model.logits(tokens, {})
      : model.logits({ tokens, mask: graph.input("mask", "float32", [1, 1]), decoderTokens: tokens, decoding: {} });
  graph.output("logits", logits);
  return graph;
}
