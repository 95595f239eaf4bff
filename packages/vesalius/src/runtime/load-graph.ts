import { VesaliusError } from "../common/errors.ts";
import { placeOf } from "../common/lazy-tensor.ts";
import {
  bytesPerElement,
  elementCount,
  type Graph,
  type OnnxOptions,
  type Tensors,
  toMappedOnnx,
  toOnnx,
} from "../graph/index.ts";
import type { Backend, Session, SessionOptions } from "./backend.ts";

/** What fits into a model with its weights; the format ends at 2 GB. */
const largestModel = 2 ** 31 - 2 ** 26;

/** Bytes of weights that a model would hold itself. */
const bytesInside = (weights: Tensors, backend: Backend): number =>
  [...weights.values()].reduce(
    (sum, tensor) =>
      backend.keepWeights !== undefined && placeOf(tensor) !== undefined
        ? sum
        : sum + Math.ceil(elementCount(tensor.shape) * bytesPerElement(tensor.dtype)),
    0,
  );

/**
 * Loads a graph into a backend, after the rewriting that the backend asks for. Everything that runs a graph goes
 * through here; `Backend.load` alone takes a model as it is.
 *
 * @throws VesaliusError `runtime-failure` when the engine refuses the model; `unsupported-operator` when the backend
 * has no kernel for an operator and no way to write it out; `bad-configuration` for weights that are too large to stand in a
 * model where they can stand nowhere else
 */
export async function loadGraph(
  graph: Graph,
  backend: Backend,
  options: SessionOptions = {},
  encoding: OnnxOptions = {},
): Promise<Session> {
  const lowered = (await backend.lower?.(graph)) ?? graph;
  const bytes = bytesInside(encoding.weights ?? new Map(), backend);
  if (bytes > largestModel)
    throw new VesaliusError("bad-configuration", `the frozen weights have ${bytes} bytes, a model holds 2 GB at most`, {
      where: backend.name,
      fix:
        backend.keepWeights === undefined
          ? "run it under Node, which maps weights from a file, or use a smaller network"
          : "move them to the place that backend.keepWeights opens before the graph is compiled",
    });
  if (backend.keepWeights === undefined) return backend.load(toOnnx(lowered, encoding), options);
  const { model, folder } = toMappedOnnx(lowered, encoding);
  return backend.load(model, { ...options, ...(folder === undefined ? {} : { weightsFolder: folder }) });
}
