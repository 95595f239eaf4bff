import type { z } from "zod";
import { readPublishedConfig } from "./published-config.ts";

/**
 * Reads a `config.json` of a Hugging Face checkpoint against what a model can build; see `readPublishedConfig`.
 *
 * @param model name for the message
 * @throws VesaliusError `bad-configuration` listing the keys that are missing or ask for another architecture
 */
export const readHuggingFaceConfig = <T extends z.ZodType>(model: string, schema: T, config: unknown): z.infer<T> =>
  readPublishedConfig(
    `this config.json is no ${model}`,
    schema,
    config,
    "use the config.json that came with the checkpoint, of an architecture that the message does not rule out",
  );
