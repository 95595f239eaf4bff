/** The survey's methods and datasets as typed entries. */
export { surveyedDataset, surveyedDatasets } from "./datasets.ts";
export { citation, type Paper } from "./paper.ts";
export type { Access, DatasetFormat, SurveyedDataset } from "./surveyed-dataset.ts";
