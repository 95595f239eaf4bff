import { z } from "zod";
import { type Catalogue, type Entry, entry, type Spec } from "../common/catalogue.ts";
import { VesaliusError } from "../common/errors.ts";
import type { Feeds, Part } from "../data/index.ts";
import { add, multiply, type Tensors, type Value } from "../graph/index.ts";
import type { Objective, ObjectiveContext } from "./objective.ts";

/** Where the objectives of a mixture are looked up. */
export type Objectives = () => Catalogue<Entry<string, z.ZodObject, Objective>>;

/** One objective of a mixture. */
export interface WeightedObjective {
  readonly objective: Objective;
  /** What its loss is multiplied by. */
  readonly weight: number;
}

/** An objective with the names that its parts have among those of all. */
interface Member extends WeightedObjective {
  /** Its name, with a number behind that of a second one of the same name. */
  readonly label: string;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Parts of several feeds as those of one. Equal parts are fed once; one that differs from another of its name gets a
 * number behind its name.
 *
 * @returns the parts, and for each feed the name there by its own
 */
function uniteParts(feeds: readonly Feeds[]): {
  readonly parts: Readonly<Record<string, Part>>;
  readonly names: readonly Readonly<Record<string, string>>[];
} {
  const parts: Record<string, Part> = {};
  const names = feeds.map((one) => {
    const own: Record<string, string> = {};
    // Parts that lead come first: what has another's extent follows it under its new name.
    const entries = Object.entries(one.parts).sort(
      ([, a], [, b]) => Number(a.extentOf !== undefined) - Number(b.extentOf !== undefined),
    );
    for (const [name, given] of entries) {
      const part = given.extentOf === undefined ? given : { ...given, extentOf: own[given.extentOf]! };
      let free = name;
      for (let i = 2; parts[free] !== undefined && !same(parts[free], part); i++) free = `${name}${i}`;
      own[name] = free;
      parts[free] = part;
    }
    return own;
  });
  return { parts, names };
}

/** The one value that feeds agree on, of those that state one. */
function agreed<Value>(what: string, values: readonly (Value | undefined)[]): Value | undefined {
  const stated = values.filter((value) => value !== undefined);
  if (stated.some((value) => !same(value, stated[0])))
    throw new VesaliusError("bad-configuration", `the objectives of a mixture ask for different ${what}`, {
      where: "objective weighted",
      fix: "choose objectives whose examples are ordered and changed alike",
    });
  return stated[0];
}

/** The context of one objective among several: its parts under its own names, forward passes shared with the others. */
function contextOf(all: ObjectiveContext, names: Readonly<Record<string, string>>): ObjectiveContext {
  return {
    ...all,
    inputs: Object.fromEntries(Object.entries(names).map(([own, name]) => [own, all.inputs[name]!])),
    features(parts = {}, hidden, training) {
      const roles = Object.keys(all.backbone.network.reads);
      const renamed = roles.map((role) => [role, names[parts[role] ?? role] ?? role] as const);
      return all.features(Object.fromEntries(renamed), hidden, training);
    },
  };
}

const prefixed = (label: string, values: Readonly<Record<string, Value>> = {}): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${label}.${name}`, value]));

/**
 * Several objectives at once: the weighted sum of their losses. Parts that are alike are fed once, and equal requests for
 * features share one forward pass. Terms are recorded as `objective.term`.
 *
 * @throws VesaliusError `bad-configuration` for an empty mixture, and for objectives that do not go together
 *
 * @example
 * weighted([{ objective: contrast(), weight: 1 }, { objective: maskedTokens({ role: "document" }), weight: 0.5 }]);
 */
export function weighted(objectives: readonly WeightedObjective[]): Objective {
  if (objectives.length === 0)
    throw new VesaliusError("bad-configuration", "a mixture needs objectives", { where: "objective weighted" });
  const members = objectives.map((one, i): Member => {
    const { name } = one.objective;
    const before = objectives.slice(0, i).filter(({ objective }) => objective.name === name).length;
    return { ...one, label: before === 0 ? name : `${name}${before + 1}` };
  });
  const united = (backbone: ObjectiveContext["backbone"]) => {
    const feeds = members.map(({ objective }) => objective.feeds(backbone));
    return { feeds, ...uniteParts(feeds) };
  };
  const shown = members.flatMap(({ objective }) => objective.shownExamples ?? []);
  return {
    name: "weighted",
    settings: {
      objectives: members.map(({ objective, weight }) => ({
        objective: { name: objective.name, ...objective.settings },
        weight,
      })),
    },
    ...(members[0]!.objective.defaults === undefined ? {} : { defaults: members[0]!.objective.defaults }),
    ...(shown.length === 0 ? {} : { shownExamples: Math.max(...shown) }),
    feeds(backbone) {
      const { feeds, parts } = united(backbone);
      const together = agreed(
        "changes of whole examples",
        feeds.map((one) => one.together),
      );
      const sampler = agreed(
        "orders",
        feeds.map((one) => one.sampler),
      );
      return { parts, ...(together === undefined ? {} : { together }), ...(sampler === undefined ? {} : { sampler }) };
    },
    loss(context) {
      const { names } = united(context.backbone);
      const losses = members.map(({ objective }, i) => objective.loss(contextOf(context, names[i]!)));
      const collect = (from: (i: number) => Record<string, Value>): Record<string, Value> =>
        Object.assign({}, ...members.map((_, i) => from(i))) as Record<string, Value>;
      return {
        loss: losses.map(({ loss }, i) => multiply(loss, members[i]!.weight)).reduce((sum, one) => add(sum, one)),
        terms: collect((i) => prefixed(members[i]!.label, { loss: losses[i]!.loss, ...losses[i]!.terms })),
        shown: collect((i) => prefixed(members[i]!.label, losses[i]!.shown)),
      };
    },
    ...(members.some(({ objective }) => objective.measure !== undefined)
      ? {
          measure: async (backbone, examples, options) =>
            (
              await Promise.all(
                members.map(({ objective }) => objective.measure?.(backbone, examples, options) ?? Promise.resolve([])),
              )
            ).flat(),
        }
      : {}),
    async show(values, examples) {
      const sections = members.map(({ objective, label }) => {
        const start = `${label}.`;
        const own: Tensors = new Map(
          [...values].flatMap(([name, value]) => (name.startsWith(start) ? [[name.slice(start.length), value]] : [])),
        );
        return objective.show?.(own, examples) ?? Promise.resolve([]);
      });
      return (await Promise.all(sections)).flat();
    },
  };
}

/** Settings of a mixture, whose objectives are those of a catalogue. */
export const weightedSchema = (objectives: Objectives) =>
  z.strictObject({
    /** The objectives with what each loss is multiplied by. */
    objectives: z
      .array(
        z.strictObject({
          objective: z.lazy(() => objectives().schema as unknown as z.ZodType<Spec, Spec>),
          weight: z.number().positive().default(1),
        }),
      )
      .min(1),
  });

/** Mixtures in the catalogue of objectives. */
export const weightedEntry = (objectives: Objectives) =>
  entry({
    name: "weighted",
    summary: "Several objectives at once, their losses weighted.",
    settings: weightedSchema(objectives),
    create: (settings) =>
      weighted(
        settings.objectives.map(({ objective, weight }) => ({ objective: objectives().create(objective), weight })),
      ),
  });
