import { VesaliusError } from "../common/errors.ts";
import { float32, Graph, add, toOnnx } from "../graph/index.ts";
import type { Session } from "./backend.ts";
import { type EngineSession, OnnxRuntimeSession, type Runtime } from "./onnxruntime-session.ts";

/** A model that adds 1, small enough to ask an engine whether it runs at all. */
function smallestModel(): Uint8Array {
  const graph = new Graph("provider check");
  graph.output("y", add(graph.input("x", "float32", [4]), 1));
  return toOnnx(graph);
}

/**
 * Runs the smallest model on an execution provider, so that one that is absent is found before there is work to lose.
 *
 * @param create makes a session on the provider
 * @param fix what to do where the provider is absent
 * @returns the session, for the caller to release
 * @throws VesaliusError `missing-dependency` naming the provider, with the engine's own message
 */
export async function checkProvider(
  provider: string,
  create: (model: Uint8Array) => Promise<EngineSession>,
  ort: Runtime,
  fix = "use the processor instead, or install the provider's driver",
): Promise<Session> {
  let session: Session | undefined;
  try {
    session = new OnnxRuntimeSession(ort, await create(smallestModel()), { writesInPlace: false });
    const outputs = await session.run(new Map([["x", float32([4], [0, 1, 2, 3])]]));
    const found = [...(outputs.get("y")!.data as Float32Array)];
    if (found.join() !== "1,2,3,4") throw new Error(`it computes ${found.join(", ")} where 1, 2, 3, 4 is right`);
    return session;
  } catch (cause) {
    await session?.release();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VesaliusError("missing-dependency", `the execution provider ${provider} does not run here: ${reason}`, {
      fix,
      cause,
    });
  }
}
