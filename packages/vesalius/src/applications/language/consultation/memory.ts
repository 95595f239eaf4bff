import { z } from "zod";
import { contentWords } from "./content-words.ts";

/** One turn of a conversation, as it is carried to the next. */
export const turnSchema = z.strictObject({
  question: z.string(),
  /** The question with what it took over from earlier ones. */
  understood: z.string(),
  /** Documents that were quoted. */
  documents: z.array(z.string()),
  /** Titles of these documents. */
  titles: z.array(z.string()),
});

/** See {@link turnSchema}. */
export type Turn = z.output<typeof turnSchema>;

/** Turns that are looked back at. */
const lookedBack = 5;

/**
 * A question as it is meant after earlier ones: one that names no topic of its own ("How is it treated?") gets that of the
 * latest turn that was answered in front; one that does is left alone.
 *
 * @param names whether a word of the question names a topic by itself, such as one that stands in a title of the index
 */
export function understand(question: string, earlier: readonly Turn[], names: (word: string) => boolean): string {
  const latest = earlier.slice(-lookedBack).findLast(({ documents }) => documents.length > 0);
  if (latest === undefined || contentWords(question).some(names)) return question;
  return `${latest.titles[0] ?? contentWords(latest.understood).join(" ")}: ${question}`;
}
