import { z } from "zod";
import type { Catalogue, Spec } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Graph, Value } from "../../graph/index.ts";
import { withPreset } from "../make-backbone.ts";
import type { ArchitectureEntry, Features, Head, InputValues, Mode, Network, Preparation } from "../network.ts";

/** The catalogue that towers are chosen from, asked for when it is needed: it lists the networks of towers too. */
export type Architectures = () => Catalogue<ArchitectureEntry>;

const alikeSchema = z.strictObject({ sameAs: z.string() });

/**
 * Towers by role: an architecture with its settings (or a `preset` and what differs from it), or `{ sameAs: "query" }` for
 * one set of weights that reads two roles.
 */
export function towersSchema(architectures: Architectures) {
  const tower = z.preprocess(
    (given, context) => {
      if (typeof given !== "object" || given === null || !("name" in given)) return given;
      try {
        const parsed = architectures().schema.safeParse(withPreset(architectures(), given as Spec));
        if (parsed.success) return parsed.data;
        // Checked here, where the message can say which setting of the tower is meant.
        for (const { path, message } of parsed.error.issues) context.addIssue({ code: "custom", path, message });
      } catch (error) {
        if (!(error instanceof VesaliusError)) throw error;
        context.addIssue({ code: "custom", message: error.message });
      }
      return given;
    },
    z.union([alikeSchema, z.lazy(() => architectures().schema as z.ZodType<Spec>)]),
  );
  return z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/, "is no name of a role"), tower);
}

/** Towers by role, checked. */
export type TowerSpecs = Readonly<Record<string, Spec | { readonly sameAs: string }>>;

/** One network of several, as it stands in a graph with the others. */
export interface Tower {
  readonly role: string;
  /** Role of the tower whose weights it has; its own where it shares none. */
  readonly weights: string;
  readonly network: Network;
  /** What the network itself calls the role. */
  readonly inner: string;
}

const isAlike = (spec: TowerSpecs[string]): spec is { readonly sameAs: string } => "sameAs" in spec;

/**
 * Makes the networks of towers.
 *
 * @throws VesaliusError `bad-configuration` for a tower that reads several roles, or is the same as one that is none
 */
export function makeTowers(architectures: Architectures, specs: TowerSpecs): readonly Tower[] {
  const made = new Map<string, Tower>();
  for (const [role, spec] of Object.entries(specs)) {
    if (isAlike(spec)) continue;
    const network = architectures().create(spec);
    const roles = Object.keys(network.reads);
    if (roles.length !== 1)
      throw new VesaliusError("bad-configuration", `a tower reads one thing, ${spec.name} reads ${roles.join(", ")}`, {
        where: role,
        fix: "choose an architecture that reads one image, text, cell or record",
      });
    made.set(role, { role, weights: role, network, inner: roles[0]! });
  }
  return Object.entries(specs).map(([role, spec]): Tower => {
    if (!isAlike(spec)) return made.get(role)!;
    const other = made.get(spec.sameAs);
    if (other === undefined)
      throw new VesaliusError(
        "bad-configuration",
        `the tower ${role} is to be the same as ${spec.sameAs}, which is none`,
        {
          fix: `name one of ${[...made.keys()].join(", ")}`,
        },
      );
    return { ...other, role };
  });
}

/** The towers, each with encoders that were fitted for its role. */
export const fittedTowers = (towers: readonly Tower[], preparation: Preparation): readonly Tower[] =>
  towers.map((tower) => {
    const spec = preparation[tower.role];
    if (spec === undefined) return tower;
    return { ...tower, network: tower.network.fitted?.({ [tower.inner]: spec }) ?? tower.network };
  });

/** The specs of towers as they are after fitting. */
export const specsOf = (towers: readonly Tower[]): TowerSpecs =>
  Object.fromEntries(
    towers.map(({ role, weights, network }) => [
      role,
      weights === role ? { name: network.name, ...network.config } : { sameAs: weights },
    ]),
  );

/** Features of a tower under its own prefix; `graph` is that of its inputs. */
export function towerFeatures(
  graph: Graph,
  { role, weights, network, inner }: Tower,
  inputs: InputValues,
  mode: Mode,
): Features {
  const { [role]: hidden, ...others } = mode.hidden ?? {};
  const own = hidden === undefined ? { training: mode.training } : { ...mode, hidden: { ...others, [inner]: hidden } };
  return graph.named(`${weights}.`, () => network.features({ [inner]: inputs[role]! }, own));
}

/** What a tower sees of a batch. */
export interface GivenTower {
  readonly role: string;
  readonly features: Features;
  /** 1 where an example has the role, `[batch]`; all have it where this is left out. */
  readonly present: Value | undefined;
}

/**
 * Features of the towers whose roles are given, any of which may be missing.
 *
 * @throws VesaliusError `bad-argument` where none is given
 */
export function givenTowers(towers: readonly Tower[], inputs: InputValues, mode: Mode): readonly GivenTower[] {
  const given = towers.flatMap((tower): GivenTower[] => {
    const { role } = tower;
    const { present, ...own } = inputs[role] ?? {};
    const first = Object.values(own)[0];
    return first === undefined
      ? []
      : [{ role, present, features: towerFeatures(first.graph, tower, { [role]: own }, mode) }];
  });
  if (given.length > 0) return given;
  throw new VesaliusError("bad-argument", `none of ${towers.map(({ role }) => role).join(", ")} is given`);
}

/** Reads of all towers by role. */
export const towerReads = (towers: readonly Tower[]): Network["reads"] =>
  Object.fromEntries(towers.map(({ role, network, inner }) => [role, network.reads[inner]!]));

/** Groups of roles that one tower reads, whose encoders have to be one. */
export const alikeRoles = (towers: readonly Tower[]): readonly (readonly string[])[] =>
  [...new Set(towers.map(({ weights }) => weights))]
    .map((weights) => towers.filter((tower) => tower.weights === weights).map(({ role }) => role))
    .filter(({ length }) => length > 1);

/** The tower that a parameter belongs to, and its name inside it. */
function ownerOf(towers: readonly Tower[], parameter: string): readonly [tower: Tower, own: string] | undefined {
  const tower = towers.find(({ role, weights }) => role === weights && parameter.startsWith(`${weights}.`));
  return tower && [tower, parameter.slice(tower.weights.length + 1)];
}

/** What towers contribute to the network that they stand in; its own parts come behind theirs. */
export function towerParts(
  towers: readonly Tower[],
  behind: { readonly layers: number; layerOf(parameter: string): number; isOwn(parameter: string): boolean },
): Pick<Network, "reads" | "hides" | "alike" | "layers" | "layerOf" | "heads" | "mayDiffer"> & {
  readonly grid: NonNullable<Network["grid"]>;
} {
  const deepest = Math.max(...towers.map(({ network }) => network.layers));
  const hides: Record<string, NonNullable<Network["hides"]>[string]> = {};
  const heads: Record<string, Head> = {};
  for (const { role, weights, network, inner } of towers) {
    if (network.hides?.[inner] !== undefined) hides[role] = network.hides[inner];
    for (const [what, head] of Object.entries(network.heads ?? {}))
      heads[`${role}.${what}`] = (all, outputs, mode) => {
        const own = all.towers?.[role];
        if (own === undefined) throw new VesaliusError("bad-argument", `these features have no tower ${role}`);
        // A head of the tower reads its own vector, not what was made of it for the others.
        const features = { ...own, pooled: own.also?.["unprojected"] ?? own.pooled };
        return own.pooled.graph.named(`${weights}.`, () => head(features, outputs, mode));
      };
  }
  const alike = alikeRoles(towers);
  return {
    reads: towerReads(towers),
    hides,
    ...(alike.length === 0 ? {} : { alike }),
    heads,
    layers: deepest + behind.layers,
    // The last layers of all towers stand side by side.
    layerOf(parameter) {
      const owner = behind.isOwn(parameter) ? undefined : ownerOf(towers, parameter);
      if (owner === undefined) return deepest + behind.layerOf(parameter);
      const [{ network }, own] = owner;
      return Math.min(deepest, deepest - network.layers + network.layerOf(own));
    },
    mayDiffer(parameter) {
      const owner = behind.isOwn(parameter) ? undefined : ownerOf(towers, parameter);
      return owner?.[0].network.mayDiffer?.(owner[1]);
    },
    grid(role) {
      const tower = towers.find((one) => one.role === role);
      return tower?.network.grid?.(tower.inner);
    },
  };
}
