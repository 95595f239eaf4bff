import type { z } from "zod";
import type { Catalogue, Spec } from "../common/catalogue.ts";
import { VesaliusError } from "../common/errors.ts";
import { validate } from "../common/check.ts";
import type { ArchitectureEntry, Backbone, Presets } from "./network.ts";

/** What of a backbone is no setting of its architecture. */
export type BackboneOptions = Pick<Backbone, "columns" | "encoders">;

/**
 * Settings of a named size.
 *
 * @throws VesaliusError `bad-configuration` for a preset that does not exist
 */
export function presetSettings(
  { name, presets }: Pick<ArchitectureEntry, "name" | "presets">,
  preset: string,
): Readonly<Record<string, unknown>> {
  if (Object.hasOwn(presets, preset)) return presets[preset]!;
  throw new VesaliusError("bad-configuration", `${name} has no preset ${preset}`, {
    fix: `choose one of ${Object.keys(presets).join(", ")}`,
  });
}

/**
 * Plain data of an architecture with the settings of its `preset` written out: `{ name: "bert", preset: "micro", depth: 3 }`.
 *
 * @throws VesaliusError `bad-configuration` for a name or preset that does not exist
 */
export function withPreset(architectures: Pick<Catalogue<ArchitectureEntry>, "entry">, spec: Spec): Spec {
  const { name, preset, ...given } = spec;
  if (preset === undefined) return spec;
  if (typeof preset !== "string")
    throw new VesaliusError(
      "bad-configuration",
      `a preset of ${name} is named by a text, not by ${JSON.stringify(preset)}`,
    );
  return { name, ...presetSettings(architectures.entry(name), preset), ...given };
}

/**
 * The same architecture at its smallest size, for runs that only show that everything works: sizes become those of the
 * preset `nano`, in towers too, and all other settings stay.
 */
export function smallestSize(architectures: Pick<Catalogue<ArchitectureEntry>, "entry">, spec: Spec): Spec {
  const { towers, ...given } = withPreset(architectures, spec);
  const smallest = { ...given, ...presetSettings(architectures.entry(spec.name), "nano") } as Spec;
  if (typeof towers !== "object" || towers === null) return smallest;
  const inner = Object.entries(towers as Readonly<Record<string, Spec>>).map(
    ([role, tower]) => [role, "name" in tower ? smallestSize(architectures, tower) : tower] as const,
  );
  return { ...smallest, towers: Object.fromEntries(inner) };
}

/**
 * A backbone without weights: an architecture at a named size with settings over it.
 *
 * @throws VesaliusError `bad-configuration` for a preset that does not exist or settings that do not work
 */
function makeBackbone<Settings extends z.ZodObject>(
  architecture: ArchitectureEntry<string, Settings>,
  settings: Readonly<Record<string, unknown>>,
  { preset, ...options }: BackboneOptions & { readonly preset?: string } = {},
): Backbone {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const config = validate(
    architecture.settings,
    { ...(preset === undefined ? {} : presetSettings(architecture, preset)), ...given },
    { code: "bad-configuration", what: `settings of ${architecture.name}` },
  );
  return { network: architecture.create(config), weights: undefined, preparation: undefined, ...options };
}

type Make<Settings extends z.ZodObject> = (settings?: z.input<Settings>, options?: BackboneOptions) => Backbone;

/**
 * Functions that make backbones of an architecture: `vit({ width: 96, depth: 6 })`, and one for each named size,
 * `vit.tiny({ imageSize: 28, patchSize: 4 })`.
 */
export function backbonesOf<Settings extends z.ZodObject, Sizes extends Presets>(
  architecture: ArchitectureEntry<string, Settings, Sizes>,
): Make<Settings> & { readonly [Size in keyof Sizes]: Make<Settings> } {
  const make =
    (preset: string | undefined): Make<Settings> =>
    (settings = {} as z.input<Settings>, options = {}) =>
      makeBackbone(architecture, settings as Readonly<Record<string, unknown>>, {
        ...options,
        ...(preset === undefined ? {} : { preset }),
      });
  const sizes = Object.keys(architecture.presets).map((preset) => [preset, make(preset)] as const);
  return Object.assign(
    make(undefined),
    Object.fromEntries(sizes) as { readonly [Size in keyof Sizes]: Make<Settings> },
  );
}
