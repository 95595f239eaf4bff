import { z } from "zod";
import { loadModel } from "../../../adaptation/index.node.ts";
import { validate } from "../../../common/check.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { parseJson } from "../../../common/parse-json.ts";
import { decodeText, readBytes } from "../../../data/index.node.ts";
import type { ClassificationAnswer } from "../../../evaluation/index.ts";
import { type Model, roleParts } from "../../../tasks/index.ts";
import { applicationEntry } from "../../application.ts";
import type { DiagnosisBasis } from "./basis.ts";
import { diagnose } from "./diagnose.ts";
import { fromFindings } from "./findings-basis.ts";
import { findingsModel } from "./findings-model.ts";
import type { Synonyms } from "./mentions.ts";
import { diagnosisRequestSchema, diagnosisResponseSchema } from "./schemas.ts";
import { show } from "./show.ts";
import { fromText } from "./text-basis.ts";
import { fromTimeline } from "./timeline-basis.ts";

const settings = z.strictObject({
  /** Folder of a model of classification that reads findings, text or a timeline, or of nextCodes on timelines. */
  model: z.string().min(1),
  /** Probability of the first condition below which nothing is answered. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** Conditions at most. */
  conditions: z.int().min(1).max(50).default(5),
  /** JSON file of other words for findings, by the finding's name: `{ "fever": ["temperature"] }`. */
  synonyms: z.string().min(1).optional(),
});

const synonymsSchema = z.record(z.string(), z.array(z.string().trim().min(1)));

async function readSynonyms(path: string): Promise<Synonyms> {
  let json: unknown;
  try {
    json = parseJson(decodeText(await readBytes(path), path));
  } catch (error) {
    if (error instanceof VesaliusError) throw error;
    throw new VesaliusError("bad-file", "the synonyms are no valid JSON", { where: path, cause: error });
  }
  return validate(synonymsSchema, json, { code: "bad-file", what: "synonyms", where: path });
}

/**
 * What a model's answers rest on, by its task and by what it reads.
 *
 * @throws VesaliusError `bad-argument` for a model of another task or of other data
 */
export function basisOf(model: Model, synonyms?: Synonyms): DiagnosisBasis {
  const reads = Object.values(roleParts(model.backbone)).map(({ encoder }) => encoder.name);
  const { name } = model.task;
  if (name === "nextCodes" || (name === "classification" && reads.includes("timelineTokens")))
    return fromTimeline(model as Model<ClassificationAnswer>);
  if (name !== "classification")
    throw new VesaliusError("bad-argument", `the model is one of the task ${name}`, {
      where: "model",
      fix: "name a model of the task classification, or nextCodes",
    });
  if (reads.includes("numbers")) return fromFindings(findingsModel(model as Model<ClassificationAnswer>), synonyms);
  if (synonyms !== undefined)
    throw new VesaliusError("bad-argument", "synonyms are for models of findings, and this one reads something else", {
      where: "synonyms",
      fix: "leave them out",
    });
  return fromText(model as Model<ClassificationAnswer>);
}

/** Medical diagnosis in the catalogue of applications. */
export const diagnosisEntry = applicationEntry({
  name: "diagnosis",
  number: 1,
  subfield: "language",
  summary: "Ranks conditions from findings, a dialogue or a timeline, says what for and against, and what to ask next.",
  paper: "He et al. 2024, section IV.A: medical diagnosis",
  settings,
  request: diagnosisRequestSchema,
  response: diagnosisResponseSchema,
  typed: "text",
  carries: "dialogue",
  async create({ model, threshold, conditions, synonyms }) {
    const words = synonyms === undefined ? undefined : await readSynonyms(synonyms);
    return diagnose({ basis: basisOf(await loadModel(model), words), threshold, conditions });
  },
  show,
});
