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
