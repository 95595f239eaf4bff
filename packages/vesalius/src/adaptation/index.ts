export * from "./adapt.ts";
export { decodeModel } from "./decode-model.ts";
export type { AdaptOptions } from "./adapt-options.ts";
export * from "./adapted-graph.ts";
export * from "./adapter.ts";
export { bottleneckAdapter, ia3, lora, prefixTuning, promptTuning, pTuning, visualPrompts } from "./adapter-method.ts";
export * from "./adapters/bottleneck.ts";
export * from "./adapters/ia3.ts";
export { linearProbe } from "./adapters/linear-probe.ts";
export * from "./attach.ts";
export * from "./files/adapter-files.ts";
export {
  fullFineTuning,
  type FullFineTuningOptions,
  partialFineTuning,
  type PartialFineTuningOptions,
  scratch,
} from "./fine-tuning/full.ts";
export * from "./fine-tuning/lora.ts";
export * from "./fine-tuning/lora-config.ts";
export { type LoraModule, loraUnmergeGraph } from "./fine-tuning/lora-merge.ts";
export * from "./fine-tuning/quantized-base.ts";
export { type AdaptableLayer, adaptableLayers } from "./layers.ts";
export type { LayerLeft } from "./layers-left.ts";
export type { OperandMatrix } from "./operand-matrix.ts";
export type { AdaptationMethod, MethodDefaults } from "./method.ts";
export type { Answering, AnsweringContext, AnsweringMethod, AnsweringPlace, ChatFileOptions } from "./answering.ts";
export { methods } from "./methods.ts";
export * from "./patterns.ts";
export { divideExamples } from "./fitting-examples.ts";
export { rehearseAdaptation, type RehearsalOptions } from "./rehearse-adaptation.ts";
export * from "./prompts/prefix-tuning.ts";
export * from "./prompts/prompt-tuning.ts";
export * from "./prompts/token-insertion.ts";
export * from "./prompts/visual-prompts.ts";
export * from "./switching/adapter-set.ts";
export { prompted, type PromptedOptions, promptings } from "./prompting/prompted.ts";
export type { Prompting, PromptingSession, Reply, SolvedQuestion } from "./prompting/prompting.ts";
export type { Asking, Question } from "./prompting/question.ts";
export { modelSources } from "./prompting/sources/index.ts";
export { pathsFor, type Triple } from "./prompting/knowledge-paths.ts";
