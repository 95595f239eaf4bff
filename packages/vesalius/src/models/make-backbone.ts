import type { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { validate } from "../common/check.ts";
import type { ArchitectureEntry, Backbone } from "./network.ts";

/** What of a backbone is no setting of its architecture. */
export type BackboneOptions = Pick<Backbone, "columns" | "encoders">;

/**
 * A backbone without weights: an architecture at a named size with settings over it.
 *
 * @throws VesaliusError `bad-configuration` for a preset that does not exist or settings that do not work
 */
export function makeBackbone<Settings extends z.ZodObject>(
  architecture: ArchitectureEntry<string, Settings>,
  settings: Readonly<Record<string, unknown>>,
  { preset, ...options }: BackboneOptions & { readonly preset?: string } = {},
): Backbone {
  const { name, presets } = architecture;
  if (preset !== undefined && !Object.hasOwn(presets, preset))
    throw new VesaliusError("bad-configuration", `${name} has no preset ${preset}`, {
      fix: `choose one of ${Object.keys(presets).join(", ")}`,
    });
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const config = validate(
    architecture.settings,
    { ...(preset === undefined ? {} : presets[preset]), ...given },
    { code: "bad-configuration", what: `settings of ${name}` },
  );
  return { network: architecture.create(config), weights: undefined, preparation: undefined, ...options };
}

type Make<Settings extends z.ZodObject> = (settings?: z.input<Settings>, options?: BackboneOptions) => Backbone;

/**
 * Functions that make backbones of an architecture: `vit({ width: 96, depth: 6 })`, and one for each named size,
 * `vit.tiny({ imageSize: 28, patchSize: 4 })`.
 */
export function backbonesOf<Settings extends z.ZodObject, Presets extends string>(
  architecture: ArchitectureEntry<string, Settings> & { readonly presets: Readonly<Record<Presets, unknown>> },
): Make<Settings> & Readonly<Record<Presets, Make<Settings>>> {
  const make =
    (preset: string | undefined): Make<Settings> =>
    (settings = {} as z.input<Settings>, options = {}) =>
      makeBackbone(architecture, settings as Readonly<Record<string, unknown>>, {
        ...options,
        ...(preset === undefined ? {} : { preset }),
      });
  const sizes = Object.keys(architecture.presets).map((preset) => [preset, make(preset)] as const);
  return Object.assign(make(undefined), Object.fromEntries(sizes) as Readonly<Record<Presets, Make<Settings>>>);
}
