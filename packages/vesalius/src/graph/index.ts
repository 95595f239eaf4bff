export * from "./attributes.ts";
export * from "./autodiff.ts";
export * from "./dynamic-shapes.ts";
export { emit, emitMany } from "./emit.ts";
export * from "./functions/index.ts";
export * from "./graph.ts";
export * from "./initialize.ts";
export { type ExternalData, decodeTensor } from "./onnx/tensor-data.ts";
export { type DimensionBindings } from "./onnx/declared-types.ts";
export { type DeclaredInput, type DeclaredValue, type ModelInterface, readInterface } from "./onnx/interface.ts";
export { type BindingHelp } from "./onnx/open-dimensions.ts";
export { type DroppedOutput } from "./onnx/outputs.ts";
export { type OpaqueNode } from "./onnx/build.ts";
export { type OnnxFiles, type OnnxFilesOptions, toMappedOnnx, toOnnxFiles } from "./onnx/external-data.ts";
export { type EngineType, type ImportEngine } from "./onnx/probe.ts";
export { fromOnnx, type ImportedModel, type ImportOptions } from "./onnx/read.ts";
export { type OnnxOptions, toOnnx } from "./onnx/write.ts";
export { listAttribute, numberAttribute, type OperatorDefinition, permutationOf } from "./operators/definition.ts";
export { einsumTerms } from "./operators/einsum.ts";
export { definitionOf, registry } from "./registry.ts";
export { type Readers, readersOf } from "./readers.ts";
export * from "./rewrites/constant-folding.ts";
export * from "./rewrites/lower.ts";
export {
  dequantizeWeights,
  type QuantizationOptions,
  quantizationSchema,
  type QuantizedGraph,
  quantizeTensors,
  quantizeWeights,
} from "./rewrites/quantization.ts";
export { encodeFourBits, fourBitProducts, type FourBitWeight } from "./rewrites/four-bit-products.ts";
export { float32Arithmetic } from "./rewrites/float32-arithmetic.ts";
export { type Float16Options, narrow, storeFloat16 } from "./rewrites/quantization-float16.ts";
export type { QuantizedUse } from "./rewrites/quantization-use.ts";
export {
  dequantizeWeight,
  type QuantizationFormat,
  quantizationFormats,
  quantizedBytes,
  quantizedParts,
  type QuantizedPart,
  type QuantizedWeight,
  quantizeWeight,
} from "./rewrites/quantization-weights.ts";
export type { Recomputation } from "./rewrites/recomputation.ts";
export { lowerForWebAssembly } from "./rewrites/explicit-windows.ts";
export { lowerForWebGpu } from "./rewrites/web-gpu/lower-for-web-gpu.ts";
export { blockConvolutions, toBlocks } from "./rewrites/blocked-convolution.ts";
export { lowerForProcessor } from "./rewrites/lower-for-processor.ts";
export { fuseMatrixProducts } from "./rewrites/matrix-product-fusion.ts";
export * from "./rewrites/rewrite.ts";
export * from "./shapes.ts";
export * from "../common/tensor.ts";
export * from "./value.ts";
