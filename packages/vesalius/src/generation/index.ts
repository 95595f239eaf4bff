export {
  bartGenerator,
  type CausalDecoder,
  type EncoderDecoder,
  gpt2Decoder,
  llamaDecoder,
  mixtralDecoder,
  type StartOptions,
  t5Generator,
} from "../models/index.ts";
export type { ChatModel, Completion, CompletionOptions, CompletionToken, Likelihood } from "./chat/chat-model.ts";
export { endpointChatModel } from "./chat/endpoint.ts";
export { type EndpointOptions, endpointSchema } from "./chat/endpoint-settings.ts";
export { ownChatModel } from "./chat/own-model.ts";
export { completeGraph } from "./decode-graph.ts";
export { generate, generateStream, type GenerationResult } from "./generate.ts";
export { type LanguageModel, languageModel, type LanguageModelOptions } from "./language-model.ts";
export { type GenerationOptions, generationOptionsSchema, searchSchema } from "./options.ts";
export { withoutPadding } from "./padding.ts";
export {
  applyProcessors,
  type LogitsProcessor,
  minimumNewTokens,
  noRepeatNgram,
  repetitionPenalty,
  temperature,
  type TextSoFar,
  topK,
  topP,
} from "./processors/index.ts";
export { type FinishReason } from "./stopping.ts";
export { type LogitRows, type Texts } from "./texts.ts";
export { type GeneratedSequence, type GeneratedToken } from "./write-tokens.ts";
