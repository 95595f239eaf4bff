import type { z } from "zod";
import type { Entry } from "../../common/catalogue.ts";
import type { DatasetCard } from "../dataset-card.ts";
import type { DatasetFolder, FolderEntries } from "../files/dataset-folder.node.ts";
import type { Split } from "../split.ts";

/** A dataset's place on disk as readers are shown it. */
export interface FoundData {
  readonly folder: DatasetFolder;
  /** What lies directly in the folder, without what only describes it (`dataset.json`, licence, read-me). */
  readonly entries: FolderEntries;
  readonly card: DatasetCard;
}

/** Splits and tables that a reader made. */
export interface ReadData {
  /** What one example is, in the plural. */
  readonly unit: string;
  readonly splits: Readonly<Record<string, Split>>;
  readonly tables?: Readonly<Record<string, Split>>;
  /** Column whose equal values make a group, where the card does not say it. */
  readonly groupedBy?: string;
  /** What was changed or left out while reading, for the card. */
  readonly cautions?: readonly string[];
}

/** Reads a dataset of one layout. */
export type DatasetReader = (found: FoundData) => Promise<ReadData>;

/** A setting of a reader that is asked for so often that command lines have a flag for it. */
export interface ReaderFlag {
  /** Name of the setting. */
  readonly setting: string;
  /** The flag with what it takes: `--fold <number>`. */
  readonly flags: string;
  readonly description: string;
  /** @throws VesaliusError `bad-argument` for a text that it cannot be, with what to write */
  parse(text: string): unknown;
}

/** A reader of the catalogue. */
export interface ReaderEntry<Name extends string = string, Settings extends z.ZodObject = z.ZodObject> extends Entry<
  Name,
  Settings,
  DatasetReader
> {
  /** Files that it recognises a dataset by, for the message where nothing is recognised. */
  readonly looksFor: string;
  /** Settings with flags of their own; readers that share a setting share its flag. */
  readonly flags?: readonly ReaderFlag[];
  /** Settings for data that are to be answered, where what is predicted decides what is read (a time in a record). */
  toAnswer?(settings: z.output<Settings>): z.output<Settings>;
  /** Whether it also takes what special readers do, so that it is asked only where none of those recognises a dataset. */
  readonly general?: boolean;
  /** Whether a dataset has its layout; looks at names and beginnings of files, not at what they say. */
  recognises(found: FoundData): Promise<boolean>;
}

/** Keeps the types of a reader's name and settings. */
export const readerEntry = <const Name extends string, Settings extends z.ZodObject>(
  it: ReaderEntry<Name, Settings>,
): ReaderEntry<Name, Settings> => it;
