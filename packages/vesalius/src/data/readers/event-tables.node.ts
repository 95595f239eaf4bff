import { VesaliusError } from "../../common/errors.ts";
import { type KnownLayout, knownLayouts } from "./event-tables/layouts.ts";
import { readLayout } from "./event-tables/read-layout.node.ts";
import { eventTableSettings, layoutSchema } from "./event-tables/settings.ts";
import { fileOf, tableReader } from "./event-tables/tables.node.ts";
import { type FoundData, readerEntry } from "./reader.ts";
import { predictNow } from "./timelines/settings.ts";
import { timelineExamples } from "./timelines/timeline-examples.ts";

/** The layout of the field that a folder has. */
async function layoutOf({ folder, entries: { files } }: FoundData): Promise<KnownLayout | undefined> {
  for (const layout of knownLayouts) {
    const found = layout.needs.map((name) => fileOf(files, name));
    if (found.includes(undefined)) continue;
    const [header = ""] = (await folder.head(found[0]!)).split(/\r?\n/, 1);
    if (header.toLowerCase().includes(layout.column)) return layout;
  }
  return undefined;
}

/** Tables of dated events. */
export const eventTables = readerEntry({
  name: "eventTables",
  summary: `Patients' records as tables with one event a row (${knownLayouts.map(({ name }) => name).join(", ")}, or as declared); timelines with what is predicted.`,
  looksFor:
    "tables PERSON and VISIT_OCCURRENCE (OMOP), patient and diagnosis (eICU), patients and admissions (MIMIC-IV)",
  settings: eventTableSettings,
  recognises: async (found) => (await layoutOf(found)) !== undefined,
  // What a layout usually predicts is asked at a time that is said: without a question all is read.
  toAnswer: (options) => ({ ...options, predict: predictNow(options.predict ?? { what: "nothing" }) }),
  create: (options) => async (found) => {
    const { folder, entries } = found;
    const known = options.tables === undefined ? await layoutOf(found) : undefined;
    const layout = options.tables ?? (known === undefined ? undefined : layoutSchema.parse(known.tables));
    if (layout === undefined)
      throw new VesaliusError("bad-data", "the tables are in no layout that is known", {
        where: folder.path,
        fix: (option) => `say what they hold with ${option("tables")}`,
      });
    const { patients, cautions } = await readLayout(tableReader(folder, entries.files), layout);
    const { predict = known?.predict ?? { what: "nothing" }, outsideLife } = options;
    const read = await timelineExamples(patients, { predict, outsideLife }, folder.path);
    return { ...read, cautions: [...cautions, ...(read.cautions ?? [])] };
  },
});
