import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";

/** Values that leave what a key stands for switched off. */
const isOff = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  value === 0 ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** Keys that stand in a text, parted by white space. */
export const keysIn = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * Keys of a published configuration that neither a schema nor `neutral` names, and that are not switched off: they may change
 * what is computed.
 */
export function unknownKeys(
  given: Readonly<Record<string, unknown>>,
  { shape }: z.ZodObject,
  neutral: Iterable<string>,
): readonly string[] {
  const harmless = new Set(neutral);
  return Object.entries(given)
    .filter(([key, value]) => !Object.hasOwn(shape, key) && !harmless.has(key) && !isOff(value))
    .map(([key]) => key);
}

/** Options of `readPublishedConfig`. */
export interface PublishedConfigOptions {
  /** What to do where the configuration does not fit. */
  readonly fix?: string;
  /** Keys that decide nothing of what the network computes in use. */
  readonly neutral?: Iterable<string>;
}

/**
 * Reads the configuration that a checkpoint was published with against what a model can build. A key that neither the
 * schema nor `neutral` names, and that is not switched off, may change what the network computes, so it is refused.
 *
 * @param what is being read, to begin the message with: "these arguments are no MONAI UNet"
 * @throws VesaliusError `bad-configuration` listing the keys that are missing, unknown or ask for another architecture
 */
export function readPublishedConfig<T extends z.ZodObject>(
  what: string,
  schema: T,
  config: unknown,
  options: PublishedConfigOptions = {},
): z.infer<T> {
  const {
    fix = "use the configuration that came with the checkpoint, of an architecture that the message does not rule out",
    neutral = [],
  } = options;
  const given = typeof config === "object" && config !== null ? (config as Readonly<Record<string, unknown>>) : {};
  const unknown = unknownKeys(given, schema, neutral);
  if (unknown.length > 0)
    throw new VesaliusError(
      "bad-configuration",
      `${what}: it has keys that are not supported: ${unknown.slice(0, 20).join(", ")}${unknown.length > 20 ? " ..." : ""}`,
      { fix: "use another checkpoint; take a key out only where it changes nothing of what the network computes" },
    );
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new VesaliusError("bad-configuration", `${what}: ${z.prettifyError(parsed.error)}`, { fix });
}

/** A key with what it says, and another with what it asks of the first; undefined where the first is left out. */
export type Alike = readonly [key: string, found: number | undefined, other: string, wanted: number];

/**
 * Refuses sizes that contradict each other: a file repeats those that its parts share.
 *
 * @param origin begins the message
 * @throws VesaliusError `bad-configuration` naming both
 */
export function checkAlike(origin: string, sizes: readonly Alike[]): void {
  for (const [key, found, other, wanted] of sizes)
    if (found !== undefined && found !== wanted)
      throw new VesaliusError("bad-configuration", `${origin}: ${key} is ${found}, ${other} is ${wanted}`, {
        fix: "use the configuration that came with the checkpoint",
      });
}
