import type { Paper } from "./paper.ts";

/** How somebody gets a dataset. */
export type Access =
  /** A download that anybody may start. */
  | "open"
  /** A form, an account or a click on terms, granted at once or by e-mail. */
  | "registration"
  /** Training in research with human subjects and a signed agreement. */
  | "credentialed"
  /** An application that a committee decides on. */
  | "application"
  /** Named in a paper, and not to be had. */
  | "unavailable";

/** How its files, as they are published, are opened. */
export interface DatasetFormat {
  /** What lies in the files, in the words of the field. */
  readonly files: string;
  /** Reader of this library. */
  readonly reader: string;
  /** Options for it beside its own recognition, as `--option` of the command line takes them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** What must happen to the published file first, where it is in a form that is not read as it is. */
  readonly before?: string;
}

/** A dataset of the survey's Tables V to IX: what it holds, under which terms, and how to get and open it. */
export interface SurveyedDataset {
  /** What commands call it: small letters, digits and dashes. */
  readonly id: string;
  /** Name as the survey prints it. */
  readonly name: string;
  /** The name that its authors gave it, where the survey spells it otherwise. */
  readonly spelled?: string;
  readonly table: "V" | "VI" | "VII" | "VIII" | "IX";
  readonly subfield: "language" | "vision" | "bioinformatics" | "multimodal" | "database";
  /** Kind of data, as the survey groups them. */
  readonly modality: string;
  /** Size as the survey gives it. */
  readonly scale: string;
  /** Abbreviations of tasks as in the survey's table. */
  readonly surveyTasks: readonly string[];
  /** ISO 639-1 codes. */
  readonly languages: readonly string[];
  readonly licence: string;
  readonly access: Access;
  readonly citation: Paper;
  /** Page that leads to the data. */
  readonly home?: string;
  /** What to do to have it, in one or two sentences. */
  readonly obtain: string;
  /** Left out where nothing is published. */
  readonly format?: DatasetFormat;
  readonly note?: string;
}
