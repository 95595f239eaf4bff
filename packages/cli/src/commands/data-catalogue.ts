import { Argument, Command } from "commander";
import { citation, type SurveyedDataset, surveyedDataset, surveyedDatasets } from "vesalius/atlas";
import { jsonOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { formatPairs, formatTable } from "../table.ts";

interface Flags {
  readonly subfield?: string;
  readonly json?: true;
}

const subfields = [...new Set(surveyedDatasets.map(({ subfield }) => subfield))];

/** How a dataset is opened, as a command. */
function opening({ format }: SurveyedDataset): string {
  if (format === undefined) return "nothing is published";
  const options = Object.entries(format.options ?? {}).map(
    ([key, value]) => ` --option '${key}=${typeof value === "string" ? value : JSON.stringify(value)}'`,
  );
  return `vesalius data FOLDER --reader ${format.reader}${options.join("")}`;
}

/** Lists the datasets of the survey. */
export function dataCatalogueCommand(): Command {
  const command = new Command("catalogue")
    .summary("list the datasets of the survey")
    .description("Lists the datasets of the survey that are described here: size, languages, licence and access.")
    .option("--subfield <name>", `of one subfield alone: ${subfields.join(", ")}`)
    .addOption(jsonOption())
    .action(({ subfield, json }: Flags) => {
      const found = surveyedDatasets.filter((one) => subfield === undefined || one.subfield === subfield);
      createOutput(json === true).result(
        found,
        formatTable(
          ["dataset", "modality", "scale", "languages", "access", "licence"],
          found.map(({ id, modality, scale, languages, access, licence }) => [
            id,
            modality,
            scale,
            languages.join(", "),
            access,
            licence.length > 44 ? `${licence.slice(0, 41)}...` : licence,
          ]),
        ),
      );
    });
  return withExamples(command, "vesalius data catalogue", "vesalius data catalogue --subfield language --json");
}

/** Says of one dataset what it is, and how to get and open it. */
export function dataDescribeCommand(): Command {
  const command = new Command("describe")
    .summary("say how to get and open a dataset of the survey")
    .description(
      "Says of a dataset of the survey what it holds, under which terms, how to get it, and how it is opened. Nothing is downloaded.",
    )
    .addArgument(new Argument("<name>", "identifier or name (vesalius data catalogue lists them)"))
    .addOption(jsonOption())
    .action((name: string, { json }: Flags) => {
      const found = surveyedDataset(name);
      createOutput(json === true).result(
        found,
        formatPairs([
          ["Name", found.spelled === undefined ? found.name : `${found.name} (${found.spelled})`],
          ["Survey", `table ${found.table}: ${found.modality}, ${found.scale}, ${found.surveyTasks.join(", ")}`],
          ["Languages", found.languages.join(", ")],
          ["Licence", found.licence],
          ["Access", found.access],
          ["How to get it", found.obtain],
          ...(found.home === undefined ? [] : [["Page", found.home] as const]),
          ...(found.format === undefined ? [] : [["Files", found.format.files] as const]),
          ...(found.format?.before === undefined ? [] : [["First", found.format.before] as const]),
          ["Open with", opening(found)],
          ["Citation", citation(found.citation)],
          ...(found.note === undefined ? [] : [["Note", found.note] as const]),
        ]),
      );
    });
  return withExamples(command, "vesalius data describe medqa", "vesalius data describe pubmed --json");
}
