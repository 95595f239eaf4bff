export * from "./adapt.ts";
export * from "./adapters/linear-probe.ts";
export * from "./fine-tuning/full.ts";
export * from "./fine-tuning/lora.ts";
export * from "./fine-tuning/lora-method.ts";
export * from "./fine-tuning/peft-files.ts";
export type { AdaptationMethod, MethodDefaults } from "./method.ts";
export * from "./patterns.ts";
export type * from "./task.ts";
