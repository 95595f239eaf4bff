import { byName } from "./by-name.ts";
import { databases } from "./datasets/databases.ts";
import { chineseDialogues } from "./datasets/language/chinese-dialogues.ts";
import { englishDialogues } from "./datasets/language/english-dialogues.ts";
import { literatureSets } from "./datasets/language/literature.ts";
import { recordSets } from "./datasets/language/records.ts";
import type { SurveyedDataset } from "./surveyed-dataset.ts";

/** Every dataset of the survey's tables that is described here. */
export const surveyedDatasets: readonly SurveyedDataset[] = [
  ...literatureSets,
  ...recordSets,
  ...englishDialogues,
  ...chineseDialogues,
  ...databases,
];

/**
 * A dataset by its identifier or its name, without case.
 *
 * @throws VesaliusError `bad-argument` for a name that stands for none, with the one that is most like it
 */
export const surveyedDataset = (name: string): SurveyedDataset => byName("dataset", surveyedDatasets, name);
