import { corpusRow } from "./language/corpus.ts";
import type { LanguageRow } from "./language/row.ts";
import { tokenizerRow } from "./language/tokenizer.ts";
import type { Measure } from "./result.ts";

/** What is measured. A new row is a file beside these and a line in the list. */
const rows: readonly LanguageRow[] = [tokenizerRow, corpusRow];

/** How the figures come about, for whoever reads a result. */
export const languageMethod = rows.map(({ method }) => method).join(" ");

/** Measures what language models need beside training, row by row; quick figures mean nothing. */
export async function measureLanguage(quick: boolean): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const row of rows) measures.push(...(await row.measure(quick)));
  return measures;
}
