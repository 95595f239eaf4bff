import { VesaliusError } from "../../../common/errors.ts";
import { type Bm25Index, buildBm25Index, rarityOf, searchBm25 } from "../../../tasks/index.ts";
import { contentWords, searchWords } from "./content-words.ts";
import { type Passage, passagesOf, type SourceDocument, textOf } from "./passage.ts";

/** A passage that was found, with its BM25 score. */
export interface FoundPassage {
  /** Position in the index. */
  readonly position: number;
  readonly passage: Passage;
  readonly score: number;
}

/** What a document is checked for before it is indexed. */
function requireReadable(document: SourceDocument, position: number): void {
  if (document.text.trim() !== "") return;
  throw new VesaliusError("bad-data", "a document has no text", {
    where: `document ${position + 1}`,
    fix: "leave it out",
  });
}

/**
 * Passages of documents that are searched by words (BM25 over title and passage, English plurals as singulars). Documents
 * are added at any time; one with the identifier of an earlier one takes its place.
 *
 * @example
 * const index = new PassageIndex([{ id: "1", title: "Asthma", text: "Asthma narrows the airways.", source: "NIH" }]);
 * index.search("What does asthma do?", 3);
 */
export class PassageIndex {
  readonly #documents = new Map<string, SourceDocument>();
  readonly #longest: number;
  #passages: readonly Passage[] = [];
  #words: Bm25Index | undefined;

  /**
   * @param longest words of a passage
   * @throws VesaliusError `bad-data` for a document without a text
   */
  constructor(documents: readonly SourceDocument[] = [], longest = 120) {
    this.#longest = longest;
    this.add(documents);
  }

  /**
   * Adds documents.
   *
   * @returns how many are new, and how many took the place of one with the same identifier
   * @throws VesaliusError `bad-data` for one without a text; nothing is added then
   */
  add(documents: readonly SourceDocument[]): { readonly added: number; readonly replaced: number } {
    for (const [position, document] of documents.entries()) requireReadable(document, position);
    const before = this.#documents.size;
    for (const document of documents) this.#documents.set(document.id, document);
    const added = this.#documents.size - before;
    this.#passages = [...this.#documents.values()].flatMap((document) => passagesOf(document, this.#longest));
    this.#words = undefined;
    return { added, replaced: documents.length - added };
  }

  get documents(): readonly SourceDocument[] {
    return [...this.#documents.values()];
  }

  get passages(): readonly Passage[] {
    return this.#passages;
  }

  #index(): Bm25Index {
    this.#words ??= buildBm25Index(
      this.#passages.map((passage, position) => ({
        id: String(position),
        text: `${passage.document.title ?? ""}\n${textOf(passage)}`,
      })),
      { words: searchWords },
    );
    return this.#words;
  }

  /**
   * Passages that share words with a question which say what it is about, best first.
   *
   * @param limit how many at most
   * @param without documents that are left out, by identifier
   */
  search(question: string, limit: number, without: ReadonlySet<string> = new Set()): FoundPassage[] {
    const found = searchBm25(this.#index(), question, without.size === 0 ? limit : Infinity, contentWords);
    return found
      .map(({ id, score }) => ({ position: Number(id), passage: this.#passages[Number(id)]!, score }))
      .filter(({ passage }) => !without.has(passage.document.id))
      .slice(0, limit);
  }

  /** How much a word says in these passages: its inverse document frequency. */
  rarity(word: string): number {
    return rarityOf(this.#index(), word);
  }
}
