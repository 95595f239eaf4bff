import { Graph, toBlocks, toOnnx } from "../graph/index.ts";
import { type EngineSession, OnnxRuntimeSession, type Runtime } from "./onnxruntime-session.ts";

/** Most channels in a block that any processor has. */
const largestBlock = 16;

/**
 * How many channels ONNX Runtime keeps together on this processor, which depends on the width of its vectors: seen from
 * the order in which its own operator leaves the numbers of a small image.
 *
 * @param create makes a session
 * @returns undefined where the engine has no such layout
 */
export async function channelsInBlock(
  ort: Runtime,
  create: (model: Uint8Array) => Promise<EngineSession>,
): Promise<number | undefined> {
  const graph = new Graph("channel blocks");
  const shape = [1, largestBlock, 1, 2];
  graph.output("y", toBlocks(graph.input("x", "float32", shape)));
  const data = Float32Array.from({ length: 2 * largestBlock }, (_, i) => i);
  let session: OnnxRuntimeSession | undefined;
  try {
    session = new OnnxRuntimeSession(ort, await create(toOnnx(graph)), { writesInPlace: false });
    const outputs = await session.run(new Map([["x", { dtype: "float32", shape, data }]]));
    // The first channel's second position follows the first positions of all channels of the block.
    const block = (outputs.get("y")!.data as Float32Array).indexOf(1);
    return block > 1 ? block : undefined;
  } catch {
    // An engine without these operators computes convolutions in its other way.
    return undefined;
  } finally {
    await session?.release();
  }
}
