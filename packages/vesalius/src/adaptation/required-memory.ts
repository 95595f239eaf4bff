import { VesaliusError } from "../common/errors.ts";
import { elementCount, type Graph, type Value } from "../graph/index.ts";
import type { BaseFormat } from "./fine-tuning/quantized-base.ts";

/** Bytes of a frozen number by how the base is stored, scales included. */
const storedBytes = { float32: 4, float16: 2, int8: 1.07, int4: 0.57, nf4: 0.52 } as const;

/** A trained number beside its gradient and the two moments of an optimizer. */
const trainedBytes = 16;

/**
 * Memory that adapting takes at least, before activations: while it trains (frozen numbers as they are stored, trained ones
 * with gradient and moments), and after it, when the model is given back in float32, an adapter put into it in a second copy.
 *
 * @param isTrained which parameters of the graph are trained
 * @param isMerged whether an adapter becomes part of the weights
 * @returns bytes
 */
export function adaptationMemory(
  graph: Graph,
  isTrained: (parameter: Value) => boolean,
  base: BaseFormat,
  isMerged: boolean,
): number {
  let [trained, frozen] = [0, 0];
  for (const parameter of graph.parameters.values()) {
    const elements = elementCount(parameter.shape);
    if (isTrained(parameter)) trained += elements;
    else frozen += elements;
  }
  const training = frozen * storedBytes[typeof base === "string" ? base : base.format] + trained * trainedBytes;
  const given = 4 * (frozen + trained) * (isMerged ? 2 : 1);
  return Math.max(training, given);
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/**
 * Refuses an adaptation that cannot end on this machine before any weight is read.
 *
 * @param needed bytes; see `adaptationMemory`
 * @param available bytes of the machine; unknown where it is left out
 * @throws VesaliusError `bad-configuration` saying both
 */
export function requireMemory(needed: number, available: number | undefined, network: string): void {
  if (available === undefined || needed <= available) return;
  throw new VesaliusError(
    "bad-configuration",
    `adapting ${network} takes ${gibibytes(needed)} of memory and more, the machine has ${gibibytes(available)}`,
    {
      fix: "use a smaller network or a larger machine; in code, storeBase and train keep a base of 4 bits and the adapter alone",
    },
  );
}
