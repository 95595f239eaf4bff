import { z } from "zod";
import { openingShape, type ReaderEntry } from "../../data/index.ts";
import type { Catalogues } from "../catalogues.ts";
import { oneOf, partialShape } from "./named.ts";

/** Name of a folder below the one that `--data` names; a path is refused so that recipes stay portable. */
export const folderName = z
  .string()
  .regex(/^[^/\\]+$/, "write the name of a dataset folder; where the folders are is said by --data")
  .refine((name) => name !== "." && name !== "..", "write the name of a dataset folder");

/** What every source may say. */
export const sourceShape = ({ steps }: Catalogues) => ({
  /** The split that training reads. */
  trainingSplit: z.string().min(1).default("train"),
  /** What every split is turned into, in order, before anything else looks at it. */
  steps: z.array(oneOf(steps.entries, {})).default([]),
});

/** Whether two schemas accept the same, as far as JSON Schema says. */
function alike(one: z.ZodType, other: z.ZodType): boolean {
  const text = (schema: z.ZodType): string => JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
  return one === other || text(one) === text(other);
}

/** Settings of all readers together, each of which may be left out: which reader a folder has is seen when it is opened. */
function settingsOfReaders(readers: readonly ReaderEntry[]): z.ZodRawShape {
  const found = new Map<string, z.ZodType[]>();
  for (const { settings } of readers)
    for (const [key, schema] of Object.entries(partialShape(settings)) as [string, z.ZodType][]) {
      const known = found.get(key) ?? [];
      if (!known.some((one) => alike(one, schema))) known.push(schema);
      found.set(key, known);
    }
  return Object.fromEntries(
    [...found].map(([key, [first, ...others]]) => [key, others.length === 0 ? first! : z.union([first!, ...others])]),
  );
}

/** A dataset on disk with what a recipe may say about it: how it is opened, and the settings of its reader. */
export function folderSchema(catalogues: Catalogues) {
  const readers = catalogues.readers.entries;
  const names = readers.map(({ name }) => name);
  const { reader: _name, ...opening } = openingShape;
  const general = z.strictObject({
    /** Name of the dataset's folder below `--data`. */
    dataset: folderName,
    /** How the folder is read; recognised by its files where it is left out. */
    reader: (names.length === 0 ? z.never() : z.enum(names)).optional(),
    ...opening,
    ...sourceShape(catalogues),
  });
  const own = (value: object): object =>
    Object.fromEntries(Object.entries(value).filter(([key]) => !Object.hasOwn(general.shape, key)));
  const schema = general.safeExtend(settingsOfReaders(readers)).superRefine((value, context) => {
    const reader = readers.find(({ name }) => name === value.reader);
    const { error } = reader?.settings.safeParse(own(value)) ?? {};
    for (const issue of error?.issues ?? []) {
      if (issue.code !== "unrecognized_keys") context.addIssue({ ...issue, code: "custom" });
      else
        for (const key of issue.keys)
          context.addIssue({
            code: "custom",
            path: [...issue.path, key],
            message: `the reader ${reader!.name} has no such setting; it has ${Object.keys(reader!.settings.shape).join(", ")}`,
          });
    }
  });
  type General = typeof general;
  return schema as z.ZodType as z.ZodType<
    z.output<General> & { readonly [setting: string]: unknown },
    z.input<General> & { readonly [setting: string]: unknown }
  >;
}
