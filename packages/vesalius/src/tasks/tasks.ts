import { catalogue } from "../common/catalogue.ts";
import { classificationEntry } from "./classification.ts";
import { extractiveQuestionAnsweringEntry } from "./extractive-question-answering.ts";
import { multipleChoiceEntry } from "./multiple-choice.ts";
import { generationEntry } from "./generation/generation.ts";
import { multilabelClassificationEntry } from "./multilabel-classification.ts";
import { nextCodesEntry } from "./next-codes.ts";
import { ordinalClassificationEntry } from "./ordinal-classification.ts";
import { preferenceEntry } from "./preference/preference.ts";
import { regressionEntry } from "./regression.ts";
import { relationExtractionEntry } from "./relations/relation-extraction.ts";
import { retrievalEntry } from "./retrieval.ts";
import { segmentationEntry } from "./segmentation.ts";
import { survivalEntry } from "./survival.ts";
import { tokenClassificationEntry } from "./token-classification.ts";

/** Everything that a network can be adapted to, by name. */
export const tasks = catalogue("task", [
  classificationEntry,
  ordinalClassificationEntry,
  multilabelClassificationEntry,
  nextCodesEntry,
  regressionEntry,
  survivalEntry,
  retrievalEntry,
  tokenClassificationEntry,
  relationExtractionEntry,
  extractiveQuestionAnsweringEntry,
  multipleChoiceEntry,
  generationEntry,
  preferenceEntry,
  segmentationEntry,
]);
