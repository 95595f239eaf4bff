import type { Backend } from "./backend.ts";
import { onnxRuntimeNode } from "./onnxruntime-node.node.ts";

/**
 * ONNX Runtime on the processor through onnxruntime-node, the reference backend. Outputs are written in place.
 *
 * @throws VesaliusError `missing-dependency` when onnxruntime-node is not installed
 */
export const nodeCpu = (): Promise<Backend> => onnxRuntimeNode();
