import { type Graph, type OnnxOptions, toOnnx } from "../graph/index.ts";
import type { Backend, Session, SessionOptions } from "./backend.ts";

/**
 * Loads a graph into a backend, after the rewriting that the backend asks for. Everything that runs a graph goes
 * through here; `Backend.load` alone takes a model as it is.
 *
 * @throws VesaliusError `runtime-failure` when the engine refuses the model; `unsupported-operator` when the backend
 * has no kernel for an operator and no way to write it out
 */
export async function loadGraph(
  graph: Graph,
  backend: Backend,
  options: SessionOptions = {},
  encoding: OnnxOptions = {},
): Promise<Session> {
  const lowered = (await backend.lower?.(graph)) ?? graph;
  return backend.load(toOnnx(lowered, encoding), options);
}
