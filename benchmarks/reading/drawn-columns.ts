import { randomStream, type RandomStream } from "vesalius/common";
import {
  categoriesColumn,
  classesColumn,
  type Column,
  eventsColumn,
  expressionsColumn,
  imagesColumn,
  masksColumn,
  moleculesColumn,
  numbersColumn,
  referencesColumn,
  sequencesColumn,
  spansColumn,
  type Split,
  textsColumn,
  volumesColumn,
} from "vesalius/data";

const rowsOf = <Item>(length: number, make: (row: number) => Item): Item[] =>
  Array.from({ length }, (_, row) => make(row));

/** Words that look like words: two to four syllables. */
const vocabulary = (stream: RandomStream, size: number): string[] =>
  rowsOf(size, () =>
    rowsOf(2 + stream.integer(3), () => "bcdfglmnprst"[stream.integer(12)]! + "aeiou"[stream.integer(5)]!).join(""),
  );

/** Texts whose numbers of words spread as those of notes do: many short, few long, at most `longest`. */
export function drawnTexts(length: number, longest: number): string[] {
  const stream = randomStream(1, "texts");
  const words = vocabulary(stream, 3000);
  // Frequent words are far more frequent than rare ones.
  const word = (): string => words[Math.floor(words.length * stream.uniform() ** 3)]!;
  return rowsOf(length, () =>
    rowsOf(Math.max(4, Math.min(longest, Math.round(28 * Math.exp(0.7 * stream.normal())))), word).join(" "),
  );
}

const letters = (stream: RandomStream, alphabet: string, length: number): string =>
  rowsOf(length, () => alphabet[stream.integer(alphabet.length)]!).join("");

/** A split of columns. */
export const splitOf = (columns: Readonly<Record<string, Column>>): Split => {
  const { length } = Object.values(columns)[0]!;
  return { name: "train", length, ids: rowsOf(length, String), groups: undefined, attributes: {}, columns };
};

/** Two classes that say nothing of the examples: what is learned does not change the time. */
export const drawnClasses = (length: number): Column =>
  classesColumn(
    ["no", "yes"],
    rowsOf(length, (row) => row % 2),
  );

export function drawnImages(length: number, side: number): Column {
  const stream = randomStream(2, "images");
  const pixels = Uint8Array.from({ length: length * side * side }, () => stream.integer(256));
  return imagesColumn(pixels, { channels: 1, height: side, width: side });
}

/** Volumes of slightly different extents, and the two structures in each. */
export function drawnVolumes(length: number): { readonly image: Column; readonly mask: Column } {
  const stream = randomStream(3, "volumes");
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const made = rowsOf(length, () => {
    const extents = [32 + stream.integer(8), 48 + stream.integer(8), 32 + stream.integer(8)] as const;
    const places = extents[0] * extents[1] * extents[2];
    const grid = { extents, spacing: [1, 1, 1] as const, affine };
    const data = Float32Array.from({ length: places }, () => stream.uniform());
    return {
      volume: { ...grid, channels: 1, data },
      mask: { ...grid, data: Uint8Array.from(data, (v) => Math.floor(3 * v)) },
    };
  });
  return {
    image: volumesColumn(made.map(({ volume }) => volume)),
    mask: masksColumn(
      ["background", "anterior", "posterior"],
      made.map(({ mask }) => mask),
    ),
  };
}

/** The second word of every text, marked. */
export const drawnSpans = (texts: readonly string[]): Column =>
  spansColumn(
    ["Disease"],
    texts.map((text) => {
      const start = text.indexOf(" ") + 1;
      return [{ start, end: text.indexOf(" ", start), type: "Disease" }];
    }),
  );

export function drawnSequences(length: number, bases: number): Column {
  const stream = randomStream(4, "sequences");
  return sequencesColumn(
    "dna",
    rowsOf(length, () => letters(stream, "ACGT", bases)),
  );
}

export function drawnMolecules(length: number): Column {
  const stream = randomStream(5, "molecules");
  return moleculesColumn(rowsOf(length, () => `C${letters(stream, "CCCNOS", 8 + stream.integer(40))}`));
}

/** Cells with values of some of 2,000 genes. */
export function drawnExpressions(length: number, expressed: number): Column {
  const stream = randomStream(6, "expressions");
  const genes = rowsOf(2000, (gene) => `GENE${gene}`);
  const indices = rowsOf(length, () =>
    Array.from(stream.permutation(genes.length).subarray(0, expressed)).sort((a, b) => a - b),
  ).flat();
  const indptr = rowsOf(length + 1, (row) => row * expressed);
  return expressionsColumn(
    genes,
    indptr,
    Int32Array.from(indices),
    Float32Array.from(indices, () => 1 + stream.integer(30)),
  );
}

/** Covariates of patients, and the times to their events. */
export function drawnRecords(length: number): Readonly<Record<string, Column>> {
  const stream = randomStream(7, "records");
  const names = rowsOf(12, (i) => `measurement ${i}`);
  return {
    covariates: numbersColumn(
      names,
      length,
      rowsOf(length * names.length, () => (stream.uniform() < 0.05 ? NaN : stream.normal())),
    ),
    categories: categoriesColumn(
      ["stage", "grade"],
      [
        ["I", "II", "III"],
        ["1", "2"],
      ],
      length,
      rowsOf(2 * length, (i) => stream.integer(i % 2 === 0 ? 3 : 2)),
    ),
    event: eventsColumn(
      rowsOf(length, () => 1 + 100 * stream.uniform()),
      rowsOf(length, () => stream.integer(2)),
    ),
  };
}

/** Queries that each refer to one passage of a table. */
export function drawnQueries(length: number): Readonly<Record<string, Column>> {
  const texts = drawnTexts(length, 96);
  const passages = { ...splitOf({ text: textsColumn(texts) }), name: "passages" };
  return {
    query: textsColumn(texts.map((text) => text.split(" ").slice(0, 8).join(" "))),
    relevant: referencesColumn(
      passages,
      rowsOf(length, (row) => ({ rows: [row], grades: [1] })),
    ),
  };
}
