import { parse } from "yaml";
import { z } from "zod";
import { loadModel } from "../../../adaptation/index.node.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { decodeText, readBytes } from "../../../data/index.node.ts";
import { endpointChatModel, endpointSchema } from "../../../generation/index.ts";
import { applicationEntry } from "../../application.ts";
import { generateReport, type ReportParts } from "./generate-report.ts";
import { chatWriter, modelWriter, previewWriter } from "./model-writers.ts";
import { mtsDialogTemplate } from "./mts-template.ts";
import { pairJudge } from "./pair-judge.ts";
import { reportRequestSchema } from "./request.ts";
import { type ReportResponse, reportResponseSchema } from "./response.ts";
import { classifiedSections } from "./sections.ts";
import { type NoteTemplate, noteTemplate } from "./template.ts";

const settings = z.strictObject({
  /** File of a template, JSON or YAML; the sections of MTS-Dialog where it is left out. */
  template: z.string().min(1).optional(),
  /** Folder of a model of the task generation, which writes the sections. */
  model: z.string().min(1).optional(),
  /** A service with OpenAI's interface that writes the sections in place of a model; nothing is sent unless it is named. */
  endpoint: endpointSchema.optional(),
  /** Shows what the service would be asked, and sends nothing. */
  preview: z.boolean().default(false),
  /** Folder of a model of the task classification, which says which section something belongs to. */
  sections: z.string().min(1).optional(),
  /** Folder of a model of the task classification on pairs, which judges whether sources support sentences. */
  judge: z.string().min(1).optional(),
  /** Whether unsupported sentences stay, marked, or are left out. */
  unsupported: z.enum(["mark", "omit"]).default("mark"),
  /** Least share of the content words of a supported sentence that its source has. */
  coverage: z.number().gt(0).max(1).optional(),
});

async function readTemplate(path: string): Promise<NoteTemplate> {
  const text = decodeText(await readBytes(path), path);
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 20 });
  } catch (error) {
    throw new VesaliusError("bad-file", "the template is neither JSON nor YAML", { where: path, cause: error });
  }
  return noteTemplate(value, path);
}

async function writerOf(given: z.output<typeof settings>): Promise<Pick<ReportParts, "writer">> {
  const { model, endpoint, preview } = given;
  if (model !== undefined && endpoint !== undefined)
    throw new VesaliusError("bad-configuration", "a model and a service are both to write the sections", {
      where: "settings",
      fix: "give model or endpoint",
    });
  if (preview && endpoint === undefined)
    throw new VesaliusError("bad-configuration", "there is no service whose prompts could be shown", {
      where: "preview",
      fix: "give endpoint.url and endpoint.model too",
    });
  if (preview) return { writer: previewWriter };
  if (endpoint !== undefined) return { writer: chatWriter(endpointChatModel(endpoint)) };
  return model === undefined ? {} : { writer: modelWriter(await loadModel(model)) };
}

const marks: Readonly<
  Record<ReportResponse["sections"][number]["sentences"][number]["flags"][number]["kind"], string>
> = {
  number: "number not in the source",
  dose: "dose not in the source",
  negation: "the source says the contrary",
  words: "too little of it in the source",
  model: "contradicted by the model",
};

function show({ sections, source, counts, prompts, cautions, unused, writer, notice }: ReportResponse): string {
  const lines: string[] = [];
  for (const { title, sentences, omitted } of sections) {
    if (sentences.length + omitted.length === 0) continue;
    lines.push(title.toUpperCase());
    for (const { text, sources, flags } of sentences) {
      const why = flags.map(({ kind, text: words }) => `${marks[kind]}${words === "" ? "" : ` (${words})`}`).join("; ");
      lines.push(
        `${why === "" ? "  " : "! "}${text} [${sources.join(", ")}]${why === "" ? "" : ` UNSUPPORTED: ${why}`}`,
      );
    }
    if (omitted.length > 0) lines.push(`  (${omitted.length} unsupported sentences left out)`);
    lines.push("");
  }
  if (writer === previewWriter.name)
    for (const { section, messages } of prompts)
      lines.push(`Would be sent for ${section}:`, ...messages.map(({ role, content }) => `  ${role}: ${content}`), "");
  else lines.push(`${counts.supported} of ${counts.sentences} sentences supported.`);
  if (unused.length > 0) lines.push(`No sentence rests on ${unused.join(", ")}.`);
  lines.push(...cautions.map((caution) => `! ${caution}`), "");
  lines.push(...source.map(({ id, speaker, text }) => `[${id}] ${speaker === undefined ? "" : `${speaker}: `}${text}`));
  lines.push("", notice);
  return lines.join("\n");
}

/** Report generation in the catalogue of applications. */
export const reportGenerationEntry = applicationEntry({
  name: "report-generation",
  number: 2,
  subfield: "language",
  summary: "Writes sections of a note from a conversation, findings or codes, each sentence with where it comes from.",
  paper: "He et al. 2024, section IV.A: report generation",
  settings,
  request: reportRequestSchema,
  response: reportResponseSchema,
  async create(given) {
    const template = given.template === undefined ? mtsDialogTemplate : await readTemplate(given.template);
    const written = await writerOf(given);
    const { sections, judge, unsupported, coverage } = given;
    return generateReport({
      template,
      unsupported,
      ...written,
      ...(coverage === undefined ? {} : { coverage }),
      ...(sections === undefined ? {} : { sections: classifiedSections(await loadModel(sections), template) }),
      ...(judge === undefined ? {} : { judge: pairJudge(await loadModel(judge)) }),
    });
  },
  show,
});
