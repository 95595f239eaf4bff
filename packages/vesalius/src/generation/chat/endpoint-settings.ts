import { z } from "zod";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Message } from "../../data/index.ts";

/** Settings of a service with the interface of OpenAI's chat completions. They hold no key. */
export const endpointSchema = z.strictObject({
  /** Address up to the version, such as `http://localhost:11434/v1` or `https://service.example/v1`. */
  url: z.url({ protocol: /^https?$/ }),
  /** Name of the model there. */
  model: z.string().min(1),
  /** Environment variable that holds the key; none is sent where it is left out. */
  keyVariable: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .optional(),
  /** Seconds after which a request is given up. */
  timeout: z.number().positive().max(3600).default(60),
  /** How often a request is tried again that failed for a reason that may pass. */
  retries: z.int().min(0).max(20).default(4),
  /** Seconds before the first repetition; each waits twice as long as the one before. */
  backoff: z.number().positive().max(60).default(1),
  /** Most tokens, read and written, over all requests; any number where it is left out. */
  budget: z.int().positive().optional(),
  /** Whether what is said may go unencrypted to another machine. */
  allowUnencrypted: z.boolean().default(false),
});

/** Settings of a service. */
export type EndpointSettings = z.output<typeof endpointSchema>;

/** What a service is asked with beside plain settings. */
export interface EndpointOptions extends z.input<typeof endpointSchema> {
  /** The key, in place of one from the environment; it is sent to the service and never written down. */
  readonly key?: string;
  /** Takes out of a text what says who it is about, before it is sent. */
  readonly deidentify?: (text: string) => string | Promise<string>;
  /** Sees exactly what is sent, before it is. */
  readonly onPrompt?: (messages: readonly Message[]) => void;
}

const loopback = /^(localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Checks the settings of a service.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, keys in the address, and an address to which
 * texts would go unencrypted
 */
export function endpointSettings(given: z.input<typeof endpointSchema>): EndpointSettings {
  const settings = validate(endpointSchema, given, { code: "bad-configuration", what: "endpoint" });
  const { protocol, hostname, username, password, search } = new URL(settings.url);
  if (username !== "" || password !== "" || search !== "")
    throw new VesaliusError("bad-configuration", "the address of the endpoint holds a user, a password or a query", {
      where: "endpoint.url",
      fix: "give the address alone, and the key by the name of an environment variable (keyVariable)",
    });
  if (protocol === "http:" && !loopback.test(hostname) && !settings.allowUnencrypted)
    throw new VesaliusError("bad-configuration", `what is said would go unencrypted to ${hostname}`, {
      where: "endpoint.url",
      fix: "use https, or say allowUnencrypted: true in a network that you trust",
    });
  return settings;
}
