/** Columns as programs make and read them, in any runtime. */
export { categoriesColumn, type CategoriesColumn } from "./categories.ts";
export { type Choices, choicesColumn, type ChoicesColumn } from "./choices.ts";
export { classCounts, classesColumn, type ClassesColumn } from "./classes.ts";
export { dialoguesColumn, type DialoguesColumn, type Turn } from "./dialogues.ts";
export type { DocumentsColumn } from "./documents.ts";
export { eventsColumn, type EventsColumn, type SurvivalTime } from "./events.ts";
export { type Expression, expressionsColumn, type ExpressionsColumn } from "./expressions.ts";
export {
  imageFilesColumn,
  imagesColumn,
  type ImagesColumn,
  imageSize,
  type ImageSize,
  type ImageStorage,
  type Raster,
} from "./images.ts";
export {
  type ColumnKindName,
  columnKinds,
  kindOf,
  type ReadValue,
  type StoredColumn,
  type StoredColumnOf,
} from "./index.ts";
export { labelsColumn, type LabelsColumn } from "./labels.ts";
export { type Mask, maskData, masksColumn, type MasksColumn, type StoredMask } from "./masks.ts";
export { moleculesColumn, type MoleculesColumn } from "./molecules.ts";
export { numbersColumn, type NumbersColumn } from "./numbers.ts";
export { type Reference, referencesColumn, type ReferencesColumn } from "./references.ts";
export { type Relation, relationsColumn, type RelationsColumn } from "./relations.ts";
export { type SequenceAlphabet, sequencesColumn, type SequencesColumn } from "./sequences.ts";
export { type Span, spansColumn, type SpansColumn } from "./spans.ts";
export { isPresent, presentCount, sharedArray } from "./storage.ts";
export { textsColumn, type TextsColumn } from "./texts.ts";
export {
  codeKey,
  type MedicalCode,
  type Timeline,
  type TimelineEvent,
  type TimelineRecord,
  timelinesColumn,
  type TimelinesColumn,
} from "./timelines.ts";
export { type StoredVolume, type Volume, volumesColumn, type VolumesColumn } from "./volumes.ts";
