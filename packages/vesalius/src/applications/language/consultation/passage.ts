/** A text that passages are taken from: a guideline, a page of patient education, an answer. */
export interface SourceDocument {
  readonly id: string;
  readonly title?: string | undefined;
  readonly text: string;
  /** Who published it. */
  readonly source?: string | undefined;
  /** When it was published or last reviewed, as ISO 8601: `2024`, `2024-05-31`. */
  readonly date?: string | undefined;
  readonly url?: string | undefined;
}

/** A part of a document that is found and quoted as a whole. */
export interface Passage {
  readonly document: SourceDocument;
  /** Offsets in the document's text, UTF-16 code units; the end is excluded. */
  readonly start: number;
  readonly end: number;
}

/** A sentence with its offsets in the text that it was taken from. */
export interface Sentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const segmenters = new Map<string, Intl.Segmenter>();

/** Segmenter of sentences for the script of a text. */
function segmenterFor(text: string): Intl.Segmenter {
  const language = /\p{Script=Han}/u.test(text.slice(0, 2000)) ? "zh" : "en";
  const found = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: "sentence" });
  segmenters.set(language, found);
  return found;
}

/**
 * Sentences of a text by the rules of Unicode (UAX 29), without the space around them; a line break ends one, since lists
 * have no full stops.
 */
export function sentencesOf(text: string): Sentence[] {
  const found: Sentence[] = [];
  for (const { segment, index } of segmenterFor(text).segment(text)) {
    const lead = segment.length - segment.trimStart().length;
    const body = segment.trim();
    if (body !== "") found.push({ text: body, start: index + lead, end: index + lead + body.length });
  }
  return found;
}

/** Length of a sentence in words; Chinese characters count as half a word. */
const lengthOf = (text: string): number =>
  (text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).reduce(
    (sum, word) => sum + (/\p{Script=Han}/u.test(word) ? word.length / 2 : 1),
    0,
  );

/**
 * Cuts a document into passages of whole sentences.
 *
 * @param longest words of a passage; a longer sentence is a passage of its own
 */
export function passagesOf(document: SourceDocument, longest = 120): Passage[] {
  const passages: Passage[] = [];
  let open: { readonly start: number; readonly end: number; readonly words: number } | undefined;
  const close = (): void => {
    if (open !== undefined) passages.push({ document, start: open.start, end: open.end });
    open = undefined;
  };
  for (const sentence of sentencesOf(document.text)) {
    const length = lengthOf(sentence.text);
    if (open !== undefined && open.words + length > longest) close();
    open = { start: open?.start ?? sentence.start, end: sentence.end, words: (open?.words ?? 0) + length };
  }
  close();
  return passages;
}

/** Text of a passage, as it stands in the document. */
export const textOf = ({ document, start, end }: Passage): string => document.text.slice(start, end);
