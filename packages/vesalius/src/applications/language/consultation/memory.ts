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

/** Words that stand for something said before, in English and Chinese. */
const refersBack =
  /\b(it|its|this|that|these|those|they|them|their|he|she|him|her|his|same|another|else|also|too|instead)\b|^(and|or|but|so|what about|how about)\b|它|这(种|个|些)?|那(种|个|些)?|其他|还有/i;

/** Turns that are looked back at. */
const lookedBack = 5;

/**
 * A question as it is meant after earlier ones: where it says nothing of its own, or points back ("How is it treated?"), the
 * topic of the latest turn that was answered is put in front. A question that names what it is about is left alone.
 *
 * @param names whether a word of the question names a topic by itself, such as one that stands in a title of the index
 */
export function understand(question: string, earlier: readonly Turn[], names: (word: string) => boolean): string {
  const latest = earlier.slice(-lookedBack).findLast(({ documents }) => documents.length > 0);
  if (latest === undefined) return question;
  const own = contentWords(question);
  const saysWhat = own.some(names);
  if (saysWhat && !refersBack.test(question)) return question;
  if (saysWhat && own.length > 3) return question;
  const topic = latest.titles[0] ?? contentWords(latest.understood).join(" ");
  // What the question says of the topic already is not said twice.
  const missing = contentWords(topic).some((word) => !own.includes(word));
  return missing ? `${topic}: ${question}` : question;
}
