/** The survey's methods and datasets as typed entries. */
export { atlasRecipe } from "./atlas-recipe.ts";
export { surveyedDataset, surveyedDatasets } from "./datasets.ts";
export { surveyedMethod, surveyedMethods } from "./methods.ts";
export { citation, type Paper } from "./paper.ts";
export type { Access, DatasetFormat, SurveyedDataset } from "./surveyed-dataset.ts";
export type { AdaptationParadigm, PretrainingParadigm, Subfield, SurveyedMethod } from "./surveyed-method.ts";
