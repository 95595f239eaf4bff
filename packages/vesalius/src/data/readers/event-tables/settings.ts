import { z } from "zod";
import { timelineReaderSettings } from "../timelines/settings.ts";

const column = z.string().min(1);
/** A column, or the first of several that has a value. */
const columns = z.union([column, z.array(column).min(1)]);

/** Names of codes that a table of concepts gives to the numbers in other tables. */
const conceptsSchema = z.strictObject({
  file: z.string().min(1),
  key: column,
  /** Column of the code; the key itself without it. */
  code: column.optional(),
  /** Column of the vocabulary. */
  system: column.optional(),
  name: column.optional(),
});

/** A table of persons or stays: one row for each timeline. */
const personsSchema = z.strictObject({
  file: z.string().min(1),
  /** Column of what events refer to. */
  key: column,
  /** Column of the person, where a timeline is a stay; the key without it. */
  group: column.optional(),
  split: column.optional(),
  sex: column.optional(),
  /** Date of birth: one column, or year, month and day. */
  birth: columns.optional(),
  /** Age in years at time 0, where birth is not stated; `> 89` is 90. */
  age: column.optional(),
  /** Year that the age is stated for, where events have dates. */
  ageYear: column.optional(),
  death: column.optional(),
  /** Column of the outcome, and its value where it happened. */
  outcome: column.optional(),
  outcomeIs: z.string().default("1"),
});

/** A table with one event a row. */
const eventsSchema = z.strictObject({
  file: z.string().min(1),
  /** What its events are. */
  category: z.string().min(1),
  /** Column of the person or stay. */
  person: column,
  /** Column of the time. */
  time: columns.optional(),
  /** Where the table has no time: a table that has one, by a column that both have. */
  timeFrom: z.strictObject({ file: z.string().min(1), key: column, time: column }).optional(),
  code: columns,
  /** Name of the vocabulary, where every row has the same. */
  system: z.string().default(""),
  /** Column of the vocabulary, where rows differ. */
  systemColumn: column.optional(),
  /** Table of the concepts that the codes are numbers of. */
  concepts: conceptsSchema.optional(),
  name: column.optional(),
  value: column.optional(),
  unit: column.optional(),
  visit: column.optional(),
  /** Rows that are left out: cancelled orders. */
  without: z.record(column, z.string()).optional(),
});

/** What tables hold, and where. */
export const layoutSchema = z.strictObject({
  persons: personsSchema,
  /** A further table that says which split a person or stay is of. */
  splits: z.strictObject({ file: z.string().min(1), key: column, split: column }).optional(),
  /** Deaths in a table of their own. */
  deaths: z.strictObject({ file: z.string().min(1), person: column, date: columns }).optional(),
  events: z.array(eventsSchema).min(1),
  /** What times are: dates, or numbers of minutes, hours or days since time 0. */
  times: z.enum(["dates", "minutes", "hours", "days"]).default("dates"),
});

/** What tables hold, and where. */
export type Layout = z.output<typeof layoutSchema>;

/** Settings of the reader of event tables. */
export const eventTableSettings = z.strictObject({
  ...timelineReaderSettings,
  /** What the tables hold, for a layout that is not recognised. */
  tables: layoutSchema.optional(),
});
