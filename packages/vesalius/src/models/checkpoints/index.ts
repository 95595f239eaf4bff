export { differenceOf, onnxTolerance } from "./conformance/compare.ts";
export { derivativeSettings } from "./conformance/differences.ts";
export { checkDerivative, type DerivativeCheck } from "./conformance/directional-derivative.ts";
export { type CaseResult, type ConformanceCase, type DataSet, verifyCase } from "./conformance/verify-case.ts";
export { importEngine } from "./import-engine.ts";
export { inspectModel, type ModelInspection, type OperatorSummary } from "./inspect.ts";
export {
  parseSafetensorsIndex,
  safetensorsIndex,
  safetensorsIndexName,
  safetensorsName,
  type Shard,
  shardWeights,
} from "./safetensors-index.ts";
export { widen, widenAll } from "./widen.ts";
export { type GgufHeader, type GgufTensor, type GgufValue } from "./gguf/header.ts";
export { type GgufNetwork, ggufNetwork } from "./gguf/network.ts";
export { type GgufEntry, ggufHeader, type GgufPlan } from "./gguf/write.ts";
