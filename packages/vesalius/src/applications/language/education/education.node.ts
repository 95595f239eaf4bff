import { z } from "zod";
import { loadModel } from "../../../adaptation/index.node.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { endpointChatModel, endpointSchema } from "../../../generation/index.ts";
import type { ChosenOption, ExtractedAnswer, Model } from "../../../tasks/index.ts";
import { applicationEntry } from "../../application.ts";
import { openPassageIndex } from "../consultation/index-files.node.ts";
import { educate } from "./educate.ts";
import { findByModel } from "./find-by-model.ts";
import { chatRewriter } from "./rewriters.ts";
import { educationRequestSchema, educationResponseSchema } from "./schemas.ts";
import { showEducation } from "./show-education.ts";
import { chatTutor, choiceModel } from "./tutor.ts";

const settings = z.strictObject({
  /** Folder of a model of the task multipleChoice, which answers questions with choices. */
  model: z.string().min(1).optional(),
  /** Folder of an index of passages (`vesalius index`) that reasons are quoted from. */
  index: z.string().min(1).optional(),
  /** Folder of a model of the task extractiveQuestionAnswering, which finds the answers of questions again. */
  check: z.string().min(1).optional(),
  /** A service with OpenAI's interface that writes plain words, and answers where no model does; nothing is sent unless it is named. */
  endpoint: endpointSchema.optional(),
  /** How often a question is asked, each time with its choices in another order. */
  orders: z.int().min(1).max(64).default(1),
  /** Probability of the chosen answer below which none is given. */
  threshold: z.number().min(0).max(1).default(0),
  /** Decline a rewriting that changed numbers, units or negations. */
  strict: z.boolean().default(false),
});

/** Medical education in the catalogue of applications. */
export const educationEntry = applicationEntry({
  name: "education",
  number: 3,
  subfield: "language",
  summary: "Answers multiple choice with reasons, makes questions of a passage, writes texts in plain words.",
  paper: "He et al. 2024, section IV.A: medical education",
  settings,
  request: educationRequestSchema,
  response: educationResponseSchema,
  typed: "text",
  async create({ model, index, check, endpoint, ...options }) {
    const service = endpoint === undefined ? undefined : endpointChatModel(endpoint);
    const tutor =
      model === undefined
        ? service && chatTutor(service)
        : choiceModel((await loadModel(model)) as Model<ChosenOption>);
    if (options.orders > 1 && tutor === undefined)
      throw new VesaliusError("bad-configuration", "there is nothing that could be asked several times", {
        where: "orders",
        fix: "name a model or an endpoint",
      });
    return educate({
      ...options,
      ...(tutor === undefined ? {} : { tutor }),
      ...(index === undefined ? {} : { index: (await openPassageIndex(index)).index }),
      ...(check === undefined ? {} : { find: findByModel((await loadModel(check)) as Model<ExtractedAnswer>) }),
      ...(service === undefined ? {} : { rewriter: chatRewriter(service) }),
    });
  },
  show: showEducation,
});
