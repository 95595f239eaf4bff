/** What can be done with a dataset, whatever its columns hold. */
export { assembleDataset, assemblyShape, type AssemblyOptions, type DatasetParts } from "./assemble-dataset.ts";
export { contentDigest, splitDigest } from "./content-digest.ts";
export type { AttributeSummary } from "./describe-attribute.ts";
export { describeDataset, describeSplit, type DatasetSummary, type SplitSummary } from "./describe-dataset.ts";
export { divideFolds } from "./divide-folds.ts";
export { holdOut } from "./hold-out.ts";
export { joinSplits, type JoinOptions } from "./join-splits.ts";
export { findLeaks, identities, type Leak, leakageError } from "./leakage.ts";
export { reduceTables } from "./reduce-tables.ts";
export { columnNamed, columnOf, readExamples, takeRows } from "./rows.ts";
export {
  sharesSchema,
  splitDataset,
  splitDatasetOptionsSchema,
  splitValidation,
  splitValidationOptionsSchema,
  type SplitValidationOptions,
  strataOf,
} from "./split-dataset.ts";
export { stratifiedSample } from "./stratified-sample.ts";
