import { z } from "zod";
import type { Entry, Spec } from "../../common/index.ts";

/** Takes a default off a key: what is left out then stays out. */
function withoutDefault(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
    ? withoutDefault(schema.unwrap())
    : schema;
}

/** An object's keys, each of which may be left out without a default taking its place. */
export const partialShape = (schema: z.ZodObject): z.ZodRawShape =>
  Object.fromEntries(
    Object.entries(schema.shape).map(([key, value]) => [key, z.optional(withoutDefault(value) as z.ZodType)]),
  );

/** Keys that all forms of {@link oneOf} take beside the name and their own. */
type Keys<Shape extends z.ZodRawShape, Side extends "input" | "output"> = keyof Shape extends never
  ? unknown
  : Side extends "input"
    ? z.input<z.ZodObject<Shape>>
    : z.output<z.ZodObject<Shape>>;

/** Something with a name and settings; which settings, its catalogue says. */
export type OneOf<Shared extends z.ZodRawShape> = z.ZodType<
  Spec & Keys<Shared, "output">,
  Spec & Keys<Shared, "input">
>;

/**
 * One thing of a catalogue by name with its settings, and with keys that belong to its place in a recipe.
 *
 * @param shared keys of the place: a label, settings of training
 */
export function oneOf<Shared extends z.ZodRawShape>(entries: readonly Entry[], shared: Shared): OneOf<Shared> {
  // Keeps strictness and refinements of the entry's own settings.
  const options = entries.map(({ name, settings }) => settings.safeExtend({ name: z.literal(name), ...shared }));
  return union("name", options) as unknown as OneOf<Shared>;
}

/** The same where keys that are left out are filled in later, from a preset. */
export function oneOfUnfilled<E extends Entry, Shared extends z.ZodRawShape>(
  entries: readonly E[],
  shared: (entry: E) => Shared,
): OneOf<Shared> {
  const options = entries.map((entry) =>
    z.strictObject({ name: z.literal(entry.name), ...partialShape(entry.settings), ...shared(entry) }),
  );
  return union("name", options) as unknown as OneOf<Shared>;
}

/** A union by a key that names the form; without a form there is nothing that could be written. */
export const union = (key: string, options: readonly z.ZodObject[]): z.ZodType =>
  // A list's element types are no tuple type, which the union's own type asks for.
  z.discriminatedUnion(key, options as never);
