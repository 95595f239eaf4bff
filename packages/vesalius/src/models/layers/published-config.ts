import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";

/**
 * Reads the configuration that a checkpoint was published with against what a model can build. Keys that the schema
 * does not name are left out.
 *
 * @param what is being read, to begin the message with: "these arguments are no MONAI UNet"
 * @throws VesaliusError `bad-configuration` listing the keys that are missing or ask for another architecture
 */
export function readPublishedConfig<T extends z.ZodType>(
  what: string,
  schema: T,
  config: unknown,
  fix = "use the configuration that came with the checkpoint, of an architecture that the message does not rule out",
): z.infer<T> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new VesaliusError("bad-configuration", `${what}: ${z.prettifyError(parsed.error)}`, { fix });
}
