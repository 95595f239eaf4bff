import { z } from "zod";
import type { SectionKind } from "../section-kind.ts";
import { bars } from "./bars.ts";
import { confusionMatrix } from "./confusion-matrix.ts";
import { forest } from "./forest.ts";
import { heading } from "./heading.ts";
import { headline } from "./headline.ts";
import { images } from "./images.ts";
import { keyValues } from "./key-values.ts";
import { lines } from "./lines.ts";
import { precisionRecall } from "./precision-recall.ts";
import { reliability } from "./reliability.ts";
import { roc } from "./roc.ts";
import { scatter } from "./scatter.ts";
import { survivalCurves } from "./survival-curves.ts";
import { table } from "./table.ts";
import { text } from "./text.ts";
import { texts } from "./texts.ts";

/** Every kind of section; the only place where one is listed. */
export const sectionKinds = [
  heading,
  text,
  headline,
  keyValues,
  table,
  confusionMatrix,
  roc,
  precisionRecall,
  reliability,
  forest,
  bars,
  lines,
  scatter,
  survivalCurves,
  images,
  texts,
] as const;

/** A part of a report, plain data. */
export type ReportSection = z.output<(typeof sectionKinds)[number]["schema"]>;

/** Schema of any section, for those that were saved. */
export const reportSectionSchema = z.discriminatedUnion(
  "kind",
  sectionKinds.map(({ schema }) => schema) as never,
) as unknown as z.ZodType<ReportSection>;

const byKind = new Map<string, SectionKind>(sectionKinds.map((kind) => [kind.kind, kind as unknown as SectionKind]));

/** The kind of a section; undefined for one that is not listed. */
export const kindOf = ({ kind }: { readonly kind: string }): SectionKind | undefined => byKind.get(kind);
