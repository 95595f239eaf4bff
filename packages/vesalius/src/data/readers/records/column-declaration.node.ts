import { z } from "zod";
import { imageSettings } from "../image-columns.node.ts";

const field = z.string().min(1);
const fields = z.union([field, z.array(field).min(1)]);

/** How a column is made of fields of records, as recipes write it. */
export const columnDeclaration = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("texts"),
    /** One field, or several whose texts are joined by a space: a question and its answer, a title and its abstract. */
    from: fields,
  }),
  z.strictObject({ kind: z.literal("numbers"), from: fields }),
  z.strictObject({
    kind: z.literal("categories"),
    /** Fields, or objects of values by name (`{ fever: true, cough: false }`), of which several may state a part each. */
    from: fields,
  }),
  z.strictObject({
    kind: z.literal("classes"),
    from: field,
    /** Names by class index; those that occur in training without it. */
    names: z.array(z.string().min(1)).min(1).optional(),
    ordered: z.boolean().default(false),
    /** Take names that differ in case and spaces for one class. */
    foldCase: z.boolean().default(false),
    /** Training examples that a class must have to be one of its own. */
    least: z.int().min(1).default(1),
    /** What becomes of values that are no class: refused, missing, or a class `(other)`. */
    others: z.enum(["error", "missing", "class"]).default("error"),
  }),
  z.strictObject({
    kind: z.literal("labels"),
    /** One field that lists labels, or one field of 0 and 1 for each. */
    from: fields,
    /** What separates the labels of a text (`Effusion|Mass`). */
    separator: z.string().min(1).optional(),
    names: z.array(z.string().min(1)).min(1).optional(),
    least: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal("sequences"),
    from: field,
    alphabet: z.enum(["dna", "rna", "protein"]),
  }),
  z.strictObject({ kind: z.literal("molecules"), from: field }),
  z.strictObject({ kind: z.literal("events"), time: field, event: field }),
  z.strictObject({ kind: z.literal("images"), from: field, ...imageSettings }),
  z.strictObject({
    kind: z.literal("masks"),
    from: field,
    /** Names by class index, the background first; found by the values without it. */
    classes: z.array(z.string().min(1)).min(2).optional(),
    /** Value in the files that stands for each class; the class index without it. */
    values: z.array(z.int().min(0).max(255)).min(2).optional(),
    /** Whether values number objects, which are then all of the second class. */
    instances: z.boolean().optional(),
    size: imageSettings.size,
  }),
  z.strictObject({
    kind: z.literal("spans"),
    from: field,
    /** Field of the text that the spans mark. */
    text: field.default("text"),
    /**
     * What `start` and `end` count: characters (code points, as Python counts) or UTF-16 units (as JavaScript does). Where
     * the text is a list, the field can list the `lines` that are marked, counted from 0, or name each of its `parts`.
     */
    offsets: z.enum(["characters", "utf16", "lines", "parts"]).default("characters"),
  }),
  z.strictObject({
    kind: z.literal("choices"),
    /** One field that holds all options, as a list or an object, or one field for each. */
    from: fields,
    /** Field of the right option: its letter or key, its position, or its text; none is stated without it. */
    answer: field.optional(),
    /** Field that repeats the text of the right option, which is compared. */
    text: field.optional(),
    /** Position of the first option, where positions are given; found by the values without it. */
    first: z.int().min(0).max(1).optional(),
  }),
  z.strictObject({
    kind: z.literal("dialogues"),
    /** Field of the turns; with `reply` the fields that make up what is asked. */
    from: fields,
    /** Field of the answer to what is asked: an instruction and its output are two turns. */
    reply: field.optional(),
    /** Who speaks in turn, where turns do not say it. */
    speakers: z.array(z.string().min(1)).min(1).optional(),
  }),
]);

/** How a column is made of fields of records. */
export type ColumnDeclaration = z.output<typeof columnDeclaration>;
