import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";

/**
 * Reads a `config.json` of a Hugging Face checkpoint against what a model can build. Keys that the schema does not
 * name are left out.
 *
 * @param model name for the message
 * @throws VesaliusError `bad-configuration` listing the keys that are missing or ask for another architecture
 */
export function readHuggingFaceConfig<T extends z.ZodType>(model: string, schema: T, config: unknown): z.infer<T> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new VesaliusError("bad-configuration", `this config.json is no ${model}: ${z.prettifyError(parsed.error)}`, {
    fix: "use the config.json that came with the checkpoint, of an architecture that the message does not rule out",
  });
}
