import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { parseJson } from "../../common/parse-json.ts";
import { endingOf } from "../files/names.ts";
import { FhirCollector } from "./fhir/collect.ts";
import { readerEntry } from "./reader.ts";
import { splitOfFile } from "./record-parts.node.ts";
import { type Predict, predictNow, timelineReaderSettings } from "./timelines/settings.ts";
import { timelineExamples } from "./timelines/timeline-examples.ts";

const isJson = (file: string): boolean => ["json", "ndjson", "jsonl"].includes(endingOf(file));

const settings = z.strictObject({
  ...timelineReaderSettings,
  /** Files to read; all JSON files of the folder without it. */
  files: z.array(z.string().min(1)).min(1).optional(),
});

/** The resources or bundles of a file: one a line, or one of the whole file. */
function* valuesOf(
  text: string,
  file: string,
  where: string,
): Generator<{ readonly value: unknown; readonly at: string }> {
  const read = (json: string, at: string): unknown => {
    try {
      return parseJson(json);
    } catch {
      throw new VesaliusError("bad-data", "this is not JSON", {
        where: at,
        fix: "the file is damaged, or of another format",
      });
    }
  };
  if (endingOf(file) === "json") {
    yield { value: read(text, where), at: where };
    return;
  }
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const at = `${where}, line ${i + 1}`;
    if (line.trim() !== "") yield { value: read(line, at), at };
  }
}

const usual: Predict = { what: "next", category: "condition", examples: "last" };

/** Patients' records as FHIR R4. */
export const fhir = readerEntry({
  name: "fhir",
  summary:
    "Patients' records as FHIR R4: bundles, or bulk files with one resource a line; timelines with what comes next.",
  looksFor: "files .ndjson, .jsonl or .json of FHIR resources (resourceType)",
  paper: "HL7 FHIR R4",
  settings,
  async recognises({ folder, entries: { files } }) {
    const found = files.filter(isJson);
    for (const file of found.slice(0, 3)) if ((await folder.head(file)).includes('"resourceType"')) return true;
    return false;
  },
  toAnswer: (options) => ({ ...options, predict: predictNow(options.predict ?? usual) }),
  create: (options) => async (found) => {
    const { folder, entries } = found;
    const files = options.files ?? entries.files.filter(isJson);
    const collector = new FhirCollector();
    for (const file of files) {
      const where = join(folder.root, file);
      for (const { value, at } of valuesOf(await folder.text(file), file, where))
        if (!collector.add(value, splitOfFile(file)))
          throw new VesaliusError("bad-data", "this is no FHIR resource and no bundle of such", {
            where: at,
            fix: (option) => `name the files that hold resources with ${option("files")}`,
          });
    }
    const patients = collector.patients();
    if (patients.length === 0)
      throw new VesaliusError("bad-data", "the files hold no resource of the type Patient", { where: folder.path });
    const { predict = usual, outsideLife } = options;
    const read = await timelineExamples(patients, { predict, outsideLife }, folder.path);
    return { ...read, cautions: [...collector.cautions(), ...(read.cautions ?? [])] };
  },
});
