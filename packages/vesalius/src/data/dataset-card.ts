import { z } from "zod";
import { nearest } from "../common/edit-distance.ts";
import { VesaliusError } from "../common/errors.ts";

/**
 * Schema of `dataset.json`: what a dataset is, where it comes from, under which licence, and what to beat.
 * Unknown keys are kept, since folders carry more than the toolkit reads; {@link unreadKeys} names them.
 */
export const datasetCardSchema = z.looseObject({
  name: z.string().min(1),
  title: z.string().default(""),
  modality: z.string().default(""),
  tasks: z.array(z.string()).default([]),
  licence: z.string().default("not stated"),
  restricted: z.boolean().default(false),
  citation: z.string().default(""),
  groupingKey: z.string().default(""),
  cautions: z.array(z.string()).default([]),
  /** Class names by index: `{"0": "normal", "1": "pneumonia"}`, or a list of names. */
  labels: z.union([z.record(z.string(), z.string()), z.array(z.string())]).optional(),
  baselines: z
    .array(
      z.looseObject({
        model: z.string(),
        metric: z.string(),
        value: z.union([z.string(), z.number()]),
        source: z.string().default(""),
        verified: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** A dataset's description, as read from `dataset.json` or made by a generator. */
export type DatasetCard = z.infer<typeof datasetCardSchema>;

/** Keys that readers look at beside those of the schema. */
const alsoRead = ["group", "groupColumn", "columns"];
/** Keys that say more about a dataset to people, and that nothing here acts upon. */
const forPeople = new Set([
  "subfield",
  "applications",
  "licenceBasis",
  "source",
  "files",
  "splits",
  "covariates",
  "targets",
  "headers",
  "aami",
  "description",
  "version",
]);
/** A key with one wrong letter in so many means one that is known; other words are keys of other programs. */
const lettersAMistake = 5;
/** Keys that are compared with those that are known; who writes more did not mistype them. */
const mostCompared = 100;

/**
 * Keys of `dataset.json` that nothing reads, so that they are said.
 *
 * @param where the file, for the message
 * @throws VesaliusError `bad-configuration` for a key that is nearly one that is read, which would else be without effect
 */
export function unreadKeys(content: object, where: string): string[] {
  const read = [...Object.keys(datasetCardSchema.shape), ...alsoRead];
  const known = new Set([...read, ...forPeople]);
  const unread = Object.keys(content).filter((key) => !known.has(key));
  for (const key of unread.slice(0, mostCompared)) {
    const meant = nearest(key, read, lettersAMistake);
    if (meant !== undefined && !Object.hasOwn(content, meant))
      throw new VesaliusError("bad-configuration", `dataset.json: ${key}: unknown key; did you mean ${meant}?`, {
        where,
        fix: `write ${meant}, or take the key out`,
      });
  }
  return unread;
}

const shortened = (key: string): string => (key.length <= 40 ? key : `${key.slice(0, 37)}...`);

/** What is said of keys that nothing reads. */
export function unreadKeysCaution(keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const named = keys.slice(0, 10).map(shortened).join(", ");
  const more = keys.length > 10 ? ` and ${keys.length - 10} more` : "";
  return [`Nothing reads ${keys.length === 1 ? "the key" : `${keys.length} keys`} of dataset.json: ${named}${more}.`];
}
