import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { isPresent } from "../columns/storage.ts";
import { columnNamed, columnOf, takeRows } from "../dataset/rows.ts";
import type { Split } from "../split.ts";
import type { DatasetStep } from "./step.ts";

const settingsSchema = z
  .strictObject({
    /** Columns of which an example must have a value. */
    has: z.array(z.string()).min(1).optional(),
    /** An attribute and the values that it must have one of. */
    attribute: z
      .strictObject({ name: z.string(), in: z.array(z.union([z.string(), z.number(), z.null()])).min(1) })
      .optional(),
    /** A column of classes and those that an example must be of. */
    classes: z.strictObject({ column: z.string().default("label"), in: z.array(z.string()).min(1) }).optional(),
    /** A column of texts, sequences or molecules and how many characters it must have. */
    characters: z
      .strictObject({ column: z.string(), minimum: z.int().min(0).default(0), maximum: z.int().positive().optional() })
      .optional(),
    /** Whether examples that fulfil all of it are left out in place of kept. */
    exclude: z.boolean().default(false),
  })
  .refine(
    ({ has, attribute, classes, characters }) => [has, attribute, classes, characters].some((one) => one !== undefined),
    {
      error: "states no condition: give has, attribute, classes or characters",
    },
  );

type Condition = (row: number) => boolean;

/** Conditions of a filter on a split. */
function conditionsOn(split: Split, settings: z.output<typeof settingsSchema>): Condition[] {
  const { has = [], attribute, classes, characters } = settings;
  const conditions = has.map((name): Condition => {
    const column = columnNamed(split, name);
    return (row) => isPresent(column, row);
  });
  if (attribute !== undefined) {
    const values = split.attributes[attribute.name];
    if (values === undefined)
      throw new VesaliusError("bad-data", `there is no attribute ${attribute.name}`, {
        where: `step filter, split ${split.name}`,
        fix: `the attributes are ${Object.keys(split.attributes).join(", ") || "none"}`,
      });
    conditions.push((row) => attribute.in.includes(values[row]!));
  }
  if (classes !== undefined) {
    const column = columnOf(split, classes.column, "classes");
    const unknown = classes.in.filter((name) => !column.names.includes(name));
    if (unknown.length > 0)
      throw new VesaliusError("bad-data", `there is no class ${unknown.join(", ")}`, {
        where: `step filter, column ${classes.column}`,
        fix: `the classes are ${column.names.join(", ")}`,
      });
    conditions.push((row) => isPresent(column, row) && classes.in.includes(column.names[column.values[row]!]!));
  }
  if (characters !== undefined) {
    const { minimum, maximum = Number.POSITIVE_INFINITY } = characters;
    const column = columnOf(split, characters.column, "texts", "sequences", "molecules");
    conditions.push((row) => {
      const { length } = column.values[row]!;
      return isPresent(column, row) && length >= minimum && length <= maximum;
    });
  }
  return conditions;
}

/** Keeps, or leaves out, the examples that fulfil all of some conditions. */
export const filter = entry({
  name: "filter",
  summary: "Keeps the examples that fulfil some conditions, or leaves them out.",
  settings: settingsSchema,
  create:
    (settings): DatasetStep =>
    (split) => {
      const conditions = conditionsOn(split, settings);
      const rows = Array.from({ length: split.length }, (_, row) => row).filter(
        (row) => conditions.every((holds) => holds(row)) !== settings.exclude,
      );
      if (rows.length === 0)
        throw new VesaliusError("bad-data", `no example of ${split.length} is left`, {
          where: `step filter, split ${split.name}`,
          fix: "loosen the conditions",
        });
      const counts = { examples: split.length, leftOut: split.length - rows.length };
      return Promise.resolve({ split: takeRows(split, rows), counts });
    },
});
