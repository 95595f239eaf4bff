export * from "./index.ts";
export { type ExportedOnnx, exportOnnx, type ExportOnnxOptions } from "./export-onnx.node.ts";
