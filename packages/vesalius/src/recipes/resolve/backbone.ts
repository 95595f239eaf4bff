import { VesaliusError } from "../../common/errors.ts";
import type { Catalogues } from "../catalogues.ts";
import { describeProblems } from "../problems/problems.ts";
import { RecipeProblem, withPlace } from "../problems/recipe-error.ts";
import type { ParsedRecipe } from "../schema.ts";

/** Columns by role. */
export type RoleColumns = Readonly<Record<string, readonly string[]>>;
/** Settings of encoders by role. */
export type RoleEncoders = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What roles read, and how. */
export interface Roles {
  readonly inputs?: RoleColumns;
  readonly encoders?: RoleEncoders;
}

/** The folder that a backbone is read from. */
export type LoadedBackbone = Roles & { readonly weights: string };
/** A network with every setting. */
export type NetworkSettings = Roles & { readonly name: string; readonly [setting: string]: unknown };
/** A network with every setting, or the folder that it is read from. */
export type BackboneSettings = LoadedBackbone | NetworkSettings;

/** Whether a backbone is read from a folder. */
export const isLoaded = (backbone: BackboneSettings): backbone is LoadedBackbone =>
  !("name" in backbone) && typeof backbone["weights"] === "string";

const listed = (inputs: Readonly<Record<string, string | readonly string[]>>): RoleColumns =>
  Object.fromEntries(
    Object.entries(inputs).map(([role, columns]) => [role, typeof columns === "string" ? [columns] : columns]),
  );

/**
 * What roles read and how in a stage, where it differs from the backbone's own.
 *
 * @throws RecipeProblem for settings that encoders do not have
 */
export function resolveRoles(
  { inputs, encoders }: { readonly inputs?: unknown; readonly encoders?: unknown },
  backbone: BackboneSettings,
  catalogues: Catalogues,
  at: readonly PropertyKey[],
): Roles {
  const given = {
    ...(inputs === undefined ? {} : { inputs: listed(inputs as Parameters<typeof listed>[0]) }),
    ...(encoders === undefined ? {} : { encoders: encoders as RoleEncoders }),
  };
  if (isLoaded(backbone)) return given;
  const { inputs: _columns, encoders: own, ...spec } = backbone;
  const { reads } = createNetwork(catalogues, spec);
  const roles = Object.keys(reads);
  for (const [key, value] of Object.entries(given)) requireRoles(value, key, roles, backbone.name, at);
  for (const [role, changes] of Object.entries(given.encoders ?? {}))
    checkEncoder(catalogues, [...at, "encoders", role], reads[role]!, { ...own?.[role], ...changes });
  return given;
}

/** Refuses roles that the network does not have. */
function requireRoles(
  given: object | undefined,
  key: string,
  roles: readonly string[],
  network: string,
  at: readonly PropertyKey[] = ["backbone"],
): void {
  for (const role of Object.keys(given ?? {}))
    if (!roles.includes(role))
      throw new RecipeProblem([...at, key, role], `${network} reads ${roles.join(", ")}, and nothing called ${role}`);
}

/**
 * Fills in a network's settings from its preset and its own defaults.
 *
 * @param at where in the recipe the key `backbone` stands
 * @throws RecipeProblem for settings that contradict each other, and for roles that the network does not have
 */
export function resolveBackbone(
  backbone: ParsedRecipe["backbone"],
  catalogues: Catalogues,
  at: readonly PropertyKey[] = [],
): BackboneSettings {
  return withPlace(at, () => resolveSettings(backbone, catalogues));
}

function resolveSettings(backbone: ParsedRecipe["backbone"], catalogues: Catalogues): BackboneSettings {
  const { inputs, encoders, preset, ...rest } = backbone as Readonly<Record<string, unknown>> & {
    readonly inputs?: Readonly<Record<string, string | readonly string[]>>;
    readonly encoders?: RoleEncoders;
    readonly preset?: string;
  };
  const roles = {
    ...(inputs === undefined ? {} : { inputs: listed(inputs) }),
    ...(encoders === undefined ? {} : { encoders }),
  };
  const { name, ...given } = rest;
  if (typeof name !== "string") return { ...(rest as { weights: string }), ...roles };
  const { settings, presets } = catalogues.architectures.entry(name);
  const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const value = { ...(preset === undefined ? {} : presets[preset]), ...changed };
  const parsed = settings.safeParse(value);
  if (!parsed.success) {
    const [problem] = describeProblems(settings, value, parsed.error);
    throw new RecipeProblem(["backbone", ...problem!.path], problem!.message);
  }
  const { reads } = createNetwork(catalogues, { name, ...parsed.data });
  requireRoles(inputs, "inputs", Object.keys(reads), name);
  requireRoles(encoders, "encoders", Object.keys(reads), name);
  for (const [role, changes] of Object.entries(encoders ?? {}))
    checkEncoder(catalogues, ["backbone", "encoders", role], reads[role]!, changes);
  return { name, ...roles, ...parsed.data };
}

function createNetwork(catalogues: Catalogues, spec: { readonly name: string }) {
  try {
    return catalogues.architectures.create(spec);
  } catch (error) {
    if (error instanceof VesaliusError) throw new RecipeProblem(["backbone"], error.message);
    throw error;
  }
}

function checkEncoder(
  catalogues: Catalogues,
  at: readonly PropertyKey[],
  decided: { readonly name: string },
  changes: Readonly<Record<string, unknown>>,
): void {
  const spec = { ...decided, ...changes };
  const { settings } = catalogues.encoders.entry(spec.name);
  const { name: _name, ...value } = spec;
  const parsed = settings.safeParse(value);
  if (parsed.success) return;
  const [problem] = describeProblems(settings, value, parsed.error);
  throw new RecipeProblem([...at, ...problem!.path], problem!.message);
}
