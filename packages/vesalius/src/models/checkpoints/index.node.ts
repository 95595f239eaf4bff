export * from "./index.ts";
export { verifyFolders } from "./conformance/verify-folders.node.ts";
export { findTestFolders, readTestFolder } from "./conformance/test-folder.node.ts";
export {
  type HuggingFaceCheckpoint,
  type HuggingFaceReadOptions,
  type HuggingFaceWriteOptions,
  type OpenCheckpoint,
  openHuggingFaceFolder,
  readFolderWeights,
  readHuggingFaceFolder,
  writeHuggingFaceFolder,
} from "./hugging-face-folder.node.ts";
export { externalDataOf, readOnnx, writeOnnx, type WriteOnnxOptions } from "./onnx-file.node.ts";
export { type GgufFile, openGguf } from "./gguf/gguf-file.node.ts";
