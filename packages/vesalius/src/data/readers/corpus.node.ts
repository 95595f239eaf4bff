import { join } from "node:path";
import { z } from "zod";
import { randomStream } from "../../common/random.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { DocumentsColumn } from "../columns/documents.ts";
import { offsetsOf, shared } from "../columns/storage.ts";
import { corpusTexts, formatOf, type TextUnit } from "../files/corpus-texts.node.ts";
import type { Split } from "../split.ts";
import { bestFit } from "../steps/best-fit.ts";
import { forEachWord } from "../steps/texts.ts";
import { readerEntry } from "./reader.ts";
import { filesBelow } from "./record-parts.node.ts";

const settings = z.strictObject({
  /** Files to read; all texts, JSON lines and Parquet files, also those in folders of the folder, without it. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Field of the text in JSON lines and Parquet files. */
  field: z.string().min(1).default("text"),
  /** What a document is in a text file. */
  per: z.enum(["line", "paragraph", "file"]).default("line"),
  /** Words of an example: documents with more are cut between words, shorter ones are joined where they fit best. */
  length: z.int().positive().default(256),
  /** What parts two documents of an example; the tokens' `separator`, if they have one, is the same. */
  separator: z.string().min(1).default("\n\n"),
  /** Pieces of documents among which the best fit is looked for. */
  window: z.int().positive().default(4096),
  /** Share of the documents, in [0, 0.5], that becomes the split `validation`, drawn by the seed. */
  heldOut: z.number().min(0).max(0.5).default(0),
});

/** Numbers of unknown count, in blocks. */
class Growing<Stored extends Int32Array | Float64Array> {
  #values: Stored;
  #length = 0;
  readonly #make: (length: number) => Stored;
  constructor(make: (length: number) => Stored) {
    this.#make = make;
    this.#values = make(1024);
  }
  get length(): number {
    return this.#length;
  }
  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.#make(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }
  done(): Stored {
    return shared(this.#values.slice(0, this.#length) as Stored);
  }
}

/** A piece of a document before it is put beside others. */
interface Piece {
  readonly file: number;
  readonly start: number;
  readonly size: number;
  readonly from: number;
  readonly to: number;
  readonly words: number;
}

const integers = (): Growing<Int32Array> => new Growing((length) => new Int32Array(length));

/** Examples of a split as they are found. */
class Packing {
  readonly #fileOf = integers();
  readonly #starts = new Growing((length) => new Float64Array(length));
  readonly #sizes = integers();
  readonly #from = integers();
  readonly #to = integers();
  readonly #pieces: number[] = [];
  readonly #length: number;
  readonly #window: number;
  #waiting: Piece[] = [];
  words = 0;
  documents = 0;

  constructor(length: number, window: number) {
    this.#length = length;
    this.#window = window;
  }

  get rows(): number {
    return this.#pieces.length;
  }

  add(pieces: readonly Piece[]): void {
    this.documents++;
    this.#waiting.push(...pieces);
    if (this.#waiting.length >= this.#window) this.flush();
  }

  /** Puts the pieces that wait into examples. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const sizes = waiting.map(({ words }) => words);
    for (const pack of bestFit([...waiting.keys()], sizes, this.#length)) {
      this.#pieces.push(pack.length);
      for (const position of pack) {
        const { file, start, size, from, to, words } = waiting[position]!;
        this.#fileOf.push(file);
        this.#starts.push(start);
        this.#sizes.push(size);
        this.#from.push(from);
        this.#to.push(to);
        this.words += words;
      }
    }
  }

  column(storage: Pick<DocumentsColumn, "files" | "digests" | "format" | "field" | "separator">): DocumentsColumn {
    return {
      kind: "documents",
      length: this.rows,
      ...storage,
      offsets: offsetsOf(Int32Array, this.#pieces),
      fileOf: this.#fileOf.done(),
      starts: this.#starts.done(),
      sizes: this.#sizes.done(),
      from: this.#from.done(),
      to: this.#to.done(),
      words: this.words,
    };
  }
}

/** Pieces of a document of at most so many words, cut between words. */
function piecesOf(text: string, length: number, place: Pick<Piece, "file" | "start" | "size">): Piece[] {
  const pieces: Piece[] = [];
  let [from, to, words] = [0, 0, 0];
  const end = (): void => {
    if (words > 0) pieces.push({ ...place, from, to, words });
    words = 0;
  };
  forEachWord(text, (start, stop) => {
    if (words === length) end();
    if (words === 0) from = start;
    to = stop;
    words++;
  });
  end();
  return pieces;
}

/** Texts of a corpus that stay in their files. */
export const corpus = readerEntry({
  name: "corpus",
  summary:
    "Documents of text files, JSON lines and Parquet files larger than memory, cut and joined to examples of one length; asked for by its name.",
  looksFor:
    "nothing: it is asked for by its name, for files that the readers text, jsonLines and parquet read as a whole",
  paper: "Ding et al. 2024, Fewer Truncations Improve Language Modeling (best-fit packing)",
  settings,
  recognises: () => Promise.resolve(false),
  create: (options) => async (found) => {
    const { folder } = found;
    const listed = await filesBelow(found, (file) => formatOf(file) !== undefined, options.files);
    const files = await Promise.all(listed.map(async ({ file, split }) => ({ path: await folder.place(file), split })));
    const formats = new Set(files.map(({ path }) => formatOf(path) ?? "plain"));
    if (formats.size !== 1)
      throw new VesaliusError("bad-data", `the folder holds ${formats.size} kinds of files of texts`, {
        where: folder.path,
        fix: (option) => `name those of one kind with ${option("files")}`,
      });
    const [format] = formats;
    const packings = new Map<string, Packing>();
    const packingOf = (name: string): Packing => {
      const known = packings.get(name) ?? new Packing(options.length, options.window);
      packings.set(name, known);
      return known;
    };
    const digests: string[] = [];
    const unit: TextUnit = options.per;
    let empty = 0;
    for (const [file, { path, split = "train" }] of files.entries()) {
      const texts = corpusTexts(path, { field: options.field, unit });
      // One draw a document, in the order of the file.
      const random = randomStream(0, "heldOut", file);
      for (let next = await texts.next(); ; next = await texts.next()) {
        if (next.done === true) {
          digests.push(next.value);
          break;
        }
        const { text, start, size } = next.value;
        const pieces = text === undefined ? [] : piecesOf(text, options.length, { file, start, size });
        if (pieces.length === 0) {
          empty++;
          continue;
        }
        const held = split === "train" && options.heldOut > 0 && random.uniform() < options.heldOut;
        packingOf(held ? "validation" : split).add(pieces);
      }
      // Examples of one file stay together, so that a shard is read from one.
      for (const packing of packings.values()) packing.flush();
    }
    if (packings.size === 0)
      throw new VesaliusError(
        "bad-data",
        `no document has a text${format === "plain" ? "" : ` (field ${options.field})`}`,
        {
          where: join(folder.path),
          fix: (option) => `say where it is with ${option("field")}`,
        },
      );
    const storage = {
      files: files.map(({ path }) => path),
      digests,
      format: format!,
      field: options.field,
      separator: options.separator,
    };
    const splits: Record<string, Split> = {};
    const cautions: string[] = empty === 0 ? [] : [`${empty} documents have no text and were left out.`];
    for (const [name, packing] of [...packings].sort(([a], [b]) => Number(b === "train") - Number(a === "train"))) {
      const { rows, words, documents } = packing;
      splits[name] = {
        name,
        length: rows,
        ids: Array.from({ length: rows }, (_, row) => `${name}/${row}`),
        groups: undefined,
        attributes: {},
        columns: { text: packing.column(storage) },
      };
      const padding = ((1 - words / (rows * options.length)) * 100).toFixed(1);
      cautions.push(
        `${documents} documents of ${name} became ${rows} texts of at most ${options.length} words; ${padding}% of the places are empty.`,
      );
    }
    return { unit: "texts", splits, cautions };
  },
});
