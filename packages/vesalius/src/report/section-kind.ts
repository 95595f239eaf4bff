import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import type { Chart } from "./charts/renderer.ts";
import type { Html } from "./html.ts";

/** A list that may be read only. */
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();

/** Columns and rows of the numbers behind a chart. */
export interface ChartNumbers {
  readonly columns: readonly { readonly label: string; readonly align?: "left" | "right" | "sentence" }[];
  readonly rows: readonly (readonly string[])[];
}

/** A chart with what stands around it. */
export interface Presentation {
  readonly chart: Chart;
  readonly legend?: Html | undefined;
  readonly note?: string | undefined;
  /** The numbers behind the chart, where they are few enough to read. */
  readonly numbers?: ChartNumbers | undefined;
}

/** One kind of section: plain data with a schema, and how they become HTML. */
export interface SectionKind<Schema extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  readonly schema: Schema;
  /** What it is counted as, as in a paper; sections without a caption are not counted. */
  readonly numbered?: "Figure" | "Table";
  /** Whether it takes half of the page's width where the section does not say. */
  half?(section: z.output<Schema>): boolean;
  /**
   * What the schema cannot say.
   *
   * @throws VesaliusError `bad-argument` for a section that cannot be drawn as it is meant
   */
  check?(section: z.output<Schema>): void;
  /** @param number its number among the figures or tables; 0 where it is not counted */
  html?(section: z.output<Schema>, number: number): Html;
  /** In place of `html`, for what the chart library draws. */
  chart?(section: z.output<Schema>): Presentation;
}

/** Schema of a section; every one can be set to half the page's width (two beside each other) or to all of it. */
export const sectionSchema = <const Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.object({ kind: z.literal(kind), width: z.enum(["half", "full"]).exactOptional(), ...shape });

/** Keeps the type of a kind's schema. */
export const sectionKind = <Schema extends z.ZodObject & { shape: { kind: z.ZodLiteral<string> } }>(
  schema: Schema,
  kind: Omit<SectionKind<Schema>, "kind" | "schema">,
): SectionKind<Schema> => ({ kind: [...schema.shape.kind.values][0]!, schema, ...kind });

/** Throws `bad-argument` about a section. */
export function failSection(
  section: { readonly kind: string; readonly title?: string },
  what: string,
  fix: string,
): never {
  const title = section.title === undefined ? "" : ` "${section.title}"`;
  throw new VesaliusError("bad-argument", what, { where: `report section ${section.kind}${title}`, fix });
}

/** Throws unless columns are of one length above 0; columns that are left out are not looked at. */
export function requireSameLengths(
  section: { readonly kind: string; readonly title?: string },
  columns: readonly (readonly unknown[] | undefined)[],
): void {
  const lengths = new Set(columns.flatMap((column) => (column === undefined ? [] : [column.length])));
  if (lengths.size > 1) {
    failSection(section, `columns have ${[...lengths].join(" and ")} entries`, "pass columns of the same length");
  }
  if (lengths.has(0)) failSection(section, "there is nothing to draw", "leave the section out");
}
