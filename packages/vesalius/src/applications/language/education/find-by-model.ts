import { VesaliusError } from "../../../common/errors.ts";
import { textsColumn } from "../../../data/index.ts";
import type { ExtractedAnswer, Model } from "../../../tasks/index.ts";
import { askedSplit } from "../../asked-split.ts";
import type { AnswerFinder } from "./passage-questions.ts";

/**
 * Finds answers by a model of extractive question answering.
 *
 * @throws VesaliusError `bad-argument` for a model of another task
 */
export function findByModel(model: Model<ExtractedAnswer>): AnswerFinder {
  const { name, settings } = model.task;
  if (name !== "extractiveQuestionAnswering")
    throw new VesaliusError("bad-argument", `the model does ${name} and extracts no answers`, {
      where: "check",
      fix: "name a model of the task extractiveQuestionAnswering",
    });
  return async (question, passage) => {
    const columns = {
      [settings["question"] as string]: textsColumn([question]),
      [settings["context"] as string]: textsColumn([passage]),
    };
    const split = askedSplit("question", columns);
    for await (const { answer } of model.predict(split)) return answer?.text === "" ? undefined : answer?.text;
    return undefined;
  };
}
