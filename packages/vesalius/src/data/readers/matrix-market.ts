import { VesaliusError } from "../../common/errors.ts";

/** A sparse matrix by rows (CSR). */
export interface SparseRows {
  readonly rows: number;
  readonly columns: number;
  /** `[rows + 1]`. */
  readonly indptr: Float64Array;
  /** `[values]` columns, ascending within a row. */
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

const bad = (what: string, where: string, line?: number): VesaliusError =>
  new VesaliusError("bad-data", what, { where: line === undefined ? where : `${where}, line ${line}` });

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13;

/** Numbers of a line of text from a position, without making strings of them. */
function readLine(text: Uint8Array, at: number, into: Float64Array): { readonly next: number; readonly count: number } {
  let count = 0;
  let position = at;
  while (position < text.length && text[position] !== 10) {
    while (isSpace(text[position])) position++;
    const start = position;
    // Other control characters are part of a word, which is no number then.
    while (position < text.length && text[position] !== 10 && !isSpace(text[position])) position++;
    if (position === start) continue;
    let value = 0;
    let digits = true;
    for (let i = start; i < position; i++) {
      const digit = text[i]! - 48;
      if (digit < 0 || digit > 9) {
        digits = false;
        break;
      }
      value = value * 10 + digit;
    }
    into[Math.min(count++, 3)] = digits ? value : Number(String.fromCharCode(...text.subarray(start, position)));
  }
  return { next: position + 1, count };
}

/**
 * Reads a sparse matrix in coordinate format (Matrix Market, as 10x Genomics writes counts), transposed: genes by cells
 * become cells by genes. Entries may come in any order; a place that occurs twice is refused.
 *
 * @param text bytes of the file, unpacked
 * @param expected numbers of genes and cells that the files beside it list
 * @throws VesaliusError `bad-data` with the line for another format, sizes that the file does not hold, or an entry
 * outside the matrix or not finite
 */
export function readTransposedMatrix(
  text: Uint8Array,
  where: string,
  expected?: { readonly genes: number; readonly cells: number },
): SparseRows {
  const decoder = new TextDecoder();
  let at = 0;
  let line = 0;
  const next = (): string => {
    const end = text.indexOf(10, at);
    const found = decoder.decode(text.slice(at, end < 0 ? text.length : end));
    at = end < 0 ? text.length : end + 1;
    line++;
    return found;
  };
  const header = next().trim().toLowerCase().split(/\s+/);
  const [banner, object, format, field, symmetry] = header;
  if (banner !== "%%matrixmarket" || object !== "matrix") throw bad("the file is no Matrix Market file", where, 1);
  if (format !== "coordinate" || !["integer", "real", "pattern"].includes(field!) || symmetry !== "general")
    throw bad(
      `a matrix ${header.slice(2).join(" ")} is not read, only coordinate integer, real or pattern general`,
      where,
      1,
    );
  while (text[at] === 37) next();
  const size = new Float64Array(4);
  const first = readLine(text, at, size);
  at = first.next;
  line++;
  const [genes, cells, count] = [size[0]!, size[1]!, size[2]!];
  if (first.count !== 3 || ![genes, cells, count].every(Number.isSafeInteger))
    throw bad("the sizes of the matrix are missing", where, line);
  // The shortest entry is "1 1" and the end of its line.
  if (count * 4 > text.length + 1 || genes * cells < count || Math.max(genes, cells) > 2 ** 31 - 1)
    throw bad(
      `the file claims ${count} entries of ${genes} x ${cells}, more than its ${text.length} bytes hold`,
      where,
      line,
    );
  // Compared before anything is allocated: an empty matrix of any size is a few bytes.
  if (expected !== undefined && (genes !== expected.genes || cells !== expected.cells))
    throw bad(
      `the matrix has ${genes} genes and ${cells} cells, the files beside it list ${expected.genes} and ${expected.cells}`,
      where,
    );
  const pattern = field === "pattern";
  const geneOf = new Int32Array(count);
  const cellOf = new Int32Array(count);
  const valueOf = new Float32Array(count);
  const indptr = new Float64Array(cells + 1);
  for (let entry = 0; entry < count; entry++) {
    line++;
    const read = readLine(text, at, size);
    if (at >= text.length) throw bad(`the file ends after ${entry} of ${count} entries`, where);
    at = read.next;
    const [gene, cell, value] = [size[0]!, size[1]!, pattern ? 1 : size[2]!];
    if (
      read.count !== (pattern ? 2 : 3) ||
      !(gene >= 1 && gene <= genes && cell >= 1 && cell <= cells) ||
      !Number.isFinite(Math.fround(value))
    )
      throw bad("the entry is outside the matrix or no number", where, line);
    geneOf[entry] = gene - 1;
    cellOf[entry] = cell - 1;
    valueOf[entry] = value;
    indptr[cell]!++;
  }
  for (; at < text.length; at++) if (text[at]! > 32) throw bad(`the file has more than its ${count} entries`, where);
  for (let cell = 0; cell < cells; cell++) indptr[cell + 1]! += indptr[cell]!;
  return byCell({ genes, cells, indptr, geneOf, cellOf, valueOf }, where);
}

interface Entries {
  readonly genes: number;
  readonly cells: number;
  readonly indptr: Float64Array;
  readonly geneOf: Int32Array;
  readonly cellOf: Int32Array;
  readonly valueOf: Float32Array;
}

/** Sorts entries by cell, then by gene: two passes of counting, first over genes. */
function byCell({ genes, cells, indptr, geneOf, cellOf, valueOf }: Entries, where: string): SparseRows {
  const count = geneOf.length;
  const geneStart = new Int32Array(genes + 1);
  for (const gene of geneOf) geneStart[gene + 1]!++;
  for (let gene = 0; gene < genes; gene++) geneStart[gene + 1]! += geneStart[gene]!;
  const byGene = new Int32Array(count);
  for (let entry = 0; entry < count; entry++) byGene[geneStart[geneOf[entry]!]!++] = entry;
  const next = indptr.slice(0, cells);
  const indices = new Int32Array(count);
  const values = new Float32Array(count);
  for (const entry of byGene) {
    const cell = cellOf[entry]!;
    const place = next[cell]!++;
    if (place > indptr[cell]! && indices[place - 1] === geneOf[entry])
      throw bad(`row ${geneOf[entry]! + 1}, column ${cell + 1} of the matrix occurs twice`, where);
    indices[place] = geneOf[entry]!;
    values[place] = valueOf[entry]!;
  }
  return { rows: cells, columns: genes, indptr, indices, values };
}
