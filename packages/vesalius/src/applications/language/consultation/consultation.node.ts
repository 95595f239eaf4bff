import { join } from "node:path";
import { z } from "zod";
import { loadModel } from "../../../adaptation/index.node.ts";
import type { Model, RetrievalAnswer } from "../../../tasks/index.ts";
import { applicationEntry } from "../../application.ts";
import {
  consult,
  type ConsultationResponse,
  consultationRequestSchema,
  consultationResponseSchema,
} from "./consult.ts";
import { encoderRanker } from "./encoder-ranker.ts";
import { openPassageIndex } from "./index-files.node.ts";

const settings = z.strictObject({
  /** Folder of an index of passages (`vesalius index`). */
  index: z.string().min(1),
  /** Folder of a model of the task retrieval, which finds passages by meaning beside their words. */
  model: z.string().min(1).optional(),
  /** Quotes at most. */
  quotes: z.int().min(1).max(20).default(3),
  /** Probability of support below which a question is declined; the index's own where it is left out. */
  threshold: z.number().min(0).max(1).optional(),
});

const percent = (share: number): string => `${Math.round(100 * share)}%`;

function show({ status, quotes, support, reason, emergencies, notice }: ConsultationResponse): string {
  const lines = emergencies.map((one) => `! ${one.notice}`);
  if (lines.length > 0) lines.push("");
  if (status === "declined")
    lines.push(
      `${reason ?? ""} (support ${percent(support.probability)}, answered from ${percent(support.threshold)})`,
    );
  for (const [i, { text, title, source, date, url, document }] of quotes.entries()) {
    lines.push(`"${text}"`);
    lines.push(
      `  [${i + 1}] ${[title, source, date, url ?? document].filter((part) => part !== undefined).join(", ")}`,
      "",
    );
  }
  lines.push(notice);
  return lines.join("\n");
}

/** Medical consultation in the catalogue of applications. */
export const consultationEntry = applicationEntry({
  name: "consultation",
  number: 4,
  subfield: "language",
  summary: "Answers a question about health with words of documents and where they stand, or declines.",
  paper: "He et al. 2024, section IV.A: medical consultation",
  settings,
  request: consultationRequestSchema,
  response: consultationResponseSchema,
  typed: "question",
  carries: "conversation",
  async create({ index: folder, model, quotes, threshold }) {
    const { index, support } = await openPassageIndex(folder);
    const encoder =
      model === undefined
        ? undefined
        : encoderRanker((await loadModel(join(model))) as Model<RetrievalAnswer>, index.passages);
    return consult({
      index,
      quotes,
      support: threshold === undefined ? support : { ...support, threshold },
      ...(encoder === undefined ? {} : { encoder }),
    });
  },
  show,
});
