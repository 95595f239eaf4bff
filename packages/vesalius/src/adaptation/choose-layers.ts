import { nearest } from "../common/edit-distance.ts";
import { VesaliusError } from "../common/errors.ts";
import { type Graph, listAttribute, type Node, type Readers, readersOf, type Value } from "../graph/index.ts";
import { type AdaptableLayer, adaptableLayers } from "./layers.ts";
import { type LayerLeft, layersLeft } from "./layers-left.ts";
import { matchesAny } from "./patterns.ts";
import { passesOn } from "./weight-source.ts";

/** Names of what there is, as many as a person reads. */
const listed = (names: readonly string[]): string => [...new Set(names)].slice(0, 40).join(", ");

/** What to choose instead, and why what is not among it cannot be. */
function choices(candidates: readonly string[], left: readonly LayerLeft[]): string {
  const reasons = left.slice(0, 20).map(({ module, reason }) => `${module} (${reason})`);
  const others = reasons.length === 0 ? "" : `it cannot go on: ${reasons.join("; ")}`;
  if (candidates.length > 0) return `choose among: ${listed(candidates)}${others === "" ? "" : `; ${others}`}`;
  return others === "" ? "adapt another model: no layer of this graph has weights of the kind" : others;
}

/**
 * Refuses patterns that matched nothing, which would leave a model less adapted than asked for.
 *
 * @param what for the message, such as `LoRA targets match no layer`
 * @param found what was matched
 * @param candidates what could have been
 * @param left what could not be, with the reasons
 * @throws VesaliusError `bad-configuration` listing the patterns, what there is and what cannot be matched
 */
export function refuseIdlePatterns(
  what: string,
  patterns: readonly string[],
  found: readonly string[],
  candidates: readonly string[],
  left: readonly LayerLeft[] = [],
): void {
  const idle = patterns.filter((pattern) => !found.some((name) => matchesAny(name, [pattern])));
  if (idle.length === 0) return;
  const meant = [...new Set(idle.flatMap((pattern) => nearestEnding(pattern, candidates) ?? []))];
  const hint = meant.length === 0 ? "" : `did you mean ${meant.join(", ")}? `;
  throw new VesaliusError("bad-configuration", `${what}: ${idle.join(", ")}`, {
    fix: `${hint}${choices(candidates, left)}`,
  });
}

/** What of the names is nearest to a pattern: as many of their last parts as it has, or all of them. */
function nearestEnding(pattern: string, names: readonly string[]): string | undefined {
  const parts = pattern.split(/[./]/).length;
  const endings = new Set(names.flatMap((name) => [name.split(/[./]/).slice(-parts).join("."), name]));
  return nearest(pattern, [...endings]);
}

/** Which layers an adapter goes on. */
export interface LayerChoice {
  /** Name of the method, for messages. */
  readonly method: string;
  /** Patterns; the layers of the numbered blocks, of the first kind that they have, where they are left out. */
  readonly targets?: readonly string[] | undefined;
  readonly kinds: readonly AdaptableLayer["kind"][];
  /** Which of the blocks' layers, where targets are left out; all of them without it. */
  readonly among?: (layer: AdaptableLayer) => boolean;
  /** Only layers that an adapter can stand beside: products of rows with a matrix, convolutions and tables. */
  readonly besideOnly?: boolean;
  /**
   * Whether a weight that stands in several places, in different ways or also outside the chosen layers, may be chosen:
   * its layers are then marked, and what changes it changes all its places. Refused by default.
   */
  readonly tied?: boolean;
}

/** A layer that an adapter goes on. */
export interface ChosenLayer extends AdaptableLayer {
  /** Whether the weight stands in other places too. */
  readonly isTied: boolean;
}

/** What reads a weight in the end, behind transpositions and the like. */
const lastReaders = (readers: Readers, weight: Value): (Node | undefined)[] =>
  (readers.get(weight) ?? []).flatMap((node) =>
    node !== undefined && passesOn(node) && node.inputs[0] === weight ? lastReaders(readers, node.outputs[0]!) : [node],
  );

const namesOf = ({ module, sharedName }: AdaptableLayer): string[] =>
  sharedName === undefined ? [module] : [module, sharedName];

const isMeant = (layer: AdaptableLayer, patterns: readonly string[]): boolean =>
  namesOf(layer).some((name) => matchesAny(name, patterns));

/** Layers of blocks that follow each other (`encoder.layer.3.output.dense`), of the first of the kinds that occurs. */
function layersOfBlocks(
  candidates: readonly AdaptableLayer[],
  left: readonly LayerLeft[],
  { method, kinds, among }: LayerChoice,
): AdaptableLayer[] {
  const numbered = candidates.filter(({ module }) => /(?:^|[./])\d+[./]/.test(module));
  // Where adapters can stand beside layers, only those are meant.
  const beside = numbered.filter(({ matrix }) => matrix === undefined);
  const inBlocks = beside.length > 0 ? beside : numbered;
  const kind = kinds.find((one) => inBlocks.some((layer) => layer.kind === one));
  if (kind === undefined)
    throw new VesaliusError(
      "bad-configuration",
      `${method} finds no numbered blocks with ${kinds.join(" or ")} layers`,
      { fix: `name targets: ${choices(listedModules(candidates), left)}` },
    );
  const ofKind = inBlocks.filter((layer) => layer.kind === kind);
  const chosen = among === undefined ? ofKind : ofKind.filter(among);
  if (chosen.length > 0) return chosen;
  throw new VesaliusError("bad-configuration", `${method} finds nothing that it adapts in the numbered blocks`, {
    fix: `name targets: ${choices(listedModules(ofKind), left)}`,
  });
}

const listedModules = (layers: readonly AdaptableLayer[]): string[] => layers.map(({ module }) => module);

/** The candidates that the patterns name. */
function named(
  candidates: readonly AdaptableLayer[],
  left: readonly LayerLeft[],
  { method, kinds, targets = [] }: LayerChoice,
): AdaptableLayer[] {
  const chosen = candidates.filter((layer) => isMeant(layer, targets));
  refuseIdlePatterns(
    `${method} targets match no ${kinds.join(" or ")} layer`,
    targets,
    chosen.flatMap(namesOf),
    listedModules(candidates),
    left,
  );
  return chosen;
}

/** Layers that an adapter could go on, and those that it could not, with the reasons. */
function candidatesOf(graph: Graph, { method, kinds, besideOnly }: LayerChoice) {
  const all = adaptableLayers(graph);
  const left: LayerLeft[] = layersLeft(graph, all);
  const candidates = all.filter((layer) => {
    if (!kinds.includes(layer.kind)) return false;
    const { module, operand, matrix } = layer;
    if (operand.dtype !== "float32")
      left.push({ module, reason: `${method} adapts float32 layers, this one is ${operand.dtype}` });
    else if (besideOnly === true && matrix !== undefined)
      left.push({ module, reason: `${method} goes on products of rows with a matrix, this is another product` });
    else return true;
    return false;
  });
  return { candidates, left };
}

/**
 * Layers with weights that patterns name and that an adapter cannot go on, with the reasons; all that there are without
 * patterns.
 */
export const layersThatCannot = (graph: Graph, choice: LayerChoice): LayerLeft[] =>
  candidatesOf(graph, choice).left.filter(
    ({ module }) => choice.targets === undefined || matchesAny(module, choice.targets),
  );

/**
 * The layers of a graph that patterns name, or those of its numbered blocks.
 *
 * @throws VesaliusError `bad-configuration` when a pattern matches no layer, listing those there are and those that cannot
 * be adapted, with the reasons; and, unless `tied` allows it, where a chosen weight is tied to another place of the
 * graph, which an update would change too
 */
export function chooseLayers(graph: Graph, choice: LayerChoice): ChosenLayer[] {
  const { method, tied } = choice;
  const { candidates, left } = candidatesOf(graph, choice);
  const chosen =
    choice.targets === undefined ? layersOfBlocks(candidates, left, choice) : named(candidates, left, choice);
  const readers = readersOf(graph);
  const nodes = new Set<unknown>(chosen.map(({ node }) => node));
  return chosen.map((layer) => {
    const { weight, kind, operandFanInFanOut, path, matrix } = layer;
    const alike = chosen.every(
      (other) =>
        other.weight !== weight ||
        (other.kind === kind &&
          other.operandFanInFanOut === operandFanInFanOut &&
          other.matrix === undefined &&
          matrix === undefined &&
          sameForm(other.path, path)) ||
        other === layer,
    );
    const isTied = !alike || lastReaders(readers, weight).some((reader) => !nodes.has(reader));
    if (isTied && (tied !== true || weight.kind !== "parameter" || weight.dtype !== "float32"))
      throw new VesaliusError("bad-configuration", `${method} cannot adapt a weight that is used in other places too`, {
        where: weight.name,
        fix: "leave the module out of the targets",
      });
    return { ...layer, isTied };
  });
}

/** Whether two ways from a weight to an operand lead to the same form of it. */
const sameForm = (a: readonly Node[], b: readonly Node[]): boolean =>
  a.length === b.length &&
  a.every(
    (node, i) =>
      node.type === b[i]!.type &&
      String(node.outputs[0]!.shape) === String(b[i]!.outputs[0]!.shape) &&
      String(listAttribute(node.attributes, "perm")) === String(listAttribute(b[i]!.attributes, "perm")),
  );
