import { encoders, type EncoderEntry, type InputTypes } from "../data/index.ts";
import type { Catalogue, Spec } from "../common/catalogue.ts";
import { divide, Graph, subtract, type Value } from "../graph/index.ts";
import { backboneFeaturesOf, graphInputs } from "./feed-graph.ts";
import type { Model } from "./model.ts";

/** Extent of a part that varies where neither caller nor encoder says another. */
const defaultExtent = 128;

/**
 * Inputs of a model's parts for batches of given rows, without data.
 *
 * @param most largest extent of a part that varies, where only parameters and not lengths matter
 */
export function exportTypes(
  parts: Readonly<Record<string, { readonly encoder: Spec; readonly optional?: boolean }>>,
  rows: number,
  extents: Readonly<Record<string, number>>,
  known: Catalogue<EncoderEntry> = encoders,
  most = Infinity,
): InputTypes {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, part]) => {
      const encoder = known.create(part.encoder);
      const extent =
        encoder.extent === undefined
          ? 0
          : (extents[name] ?? encoder.extents?.at(-1) ?? encoder.largestExtent ?? defaultExtent);
      const own = Object.entries(encoder.inputs(rows, Math.min(extent, most))).map(
        ([input, type]) => [`${name}.${input}`, type] as const,
      );
      return part.optional === true ? [...own, [`${name}.present`, { dtype: "float32", shape: [rows] }] as const] : own;
    }),
  );
}

/** `(x - mean) / std`, each one value or one for each channel, over `[rows, channels, ...]`. */
function standardised(
  x: Value,
  { mean, std }: { readonly mean: readonly number[]; readonly std: readonly number[] },
): Value {
  const channels = x.shape[1]!;
  const perChannel = (values: readonly number[]): Value =>
    x.graph.constant({
      dtype: "float32",
      shape: [1, channels, ...x.shape.slice(2).map(() => 1)],
      data: Float32Array.from({ length: channels }, (_, i) => values[i] ?? values[0]!),
    });
  return divide(subtract(x, perChannel(mean)), perChannel(std));
}

/**
 * The graph of a model as it is exported. Inputs are those of the encoders; what an encoder standardises last (pixels from
 * 0 to 1) is standardised inside, so that who uses the file needs no statistics.
 */
export function exportGraph<Answer>(
  model: Model<Answer>,
  rows: number,
  extents: Readonly<Record<string, number>>,
): Graph {
  const { backbone, task, attached } = model;
  const { parts } = model.plan(rows);
  const graph = new Graph(task.name);
  const raw = graphInputs(graph, exportTypes(parts, rows, extents));
  const inputs = Object.fromEntries(
    Object.entries(raw).map(([part, values]) => {
      const { standardization = {} } = encoders.create(parts[part]!.encoder);
      const own = Object.entries(standardization).map(([input, by]) => [input, standardised(values[input]!, by)]);
      return [part, { ...values, ...(Object.fromEntries(own) as typeof values) }];
    }),
  );
  const context = { inputs, rows, backbone, training: false };
  const outputs = task.head(backboneFeaturesOf(backbone, inputs, { training: false }), context);
  for (const [name, value] of Object.entries(task.answers(outputs))) graph.output(name, value);
  return attached === undefined ? graph : attached.apply(graph);
}
