export * from "./index.ts";
export { llamaCppChatModel } from "./chat/llama-cpp.node.ts";
