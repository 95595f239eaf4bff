import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { agreed, contentHead, presence } from "./storage.ts";
import { describeStrings, joinStrings, lengthFacts, ofStrings, stringContent, textFingerprints } from "./strings.ts";

/** What the letters of a sequence stand for. */
export type SequenceAlphabet = "dna" | "rna" | "protein";

/** Letters of each alphabet with the ambiguity codes of IUPAC; `*` is a stop, `-` and `.` are gaps. */
const LETTERS: Readonly<Record<SequenceAlphabet, RegExp>> = {
  dna: /^[ACGTRYSWKMBDHVN.-]*$/,
  rna: /^[ACGURYSWKMBDHVN.-]*$/,
  protein: /^[A-Z*.-]*$/,
};

/** Nucleotide or amino acid sequences. */
export interface SequencesColumn extends Column {
  readonly kind: "sequences";
  readonly alphabet: SequenceAlphabet;
  /** `[length]`, upper case; empty where one is missing. */
  readonly values: readonly string[];
}

/** Position of the first letter outside an alphabet; -1 where all belong to it. */
export function foreignLetter(sequence: string, alphabet: SequenceAlphabet): number {
  if (LETTERS[alphabet].test(sequence)) return -1;
  return Array.from(sequence).findIndex((letter) => !LETTERS[alphabet].test(letter));
}

/**
 * A column of sequences, made upper case; null stands for a missing one.
 *
 * @throws VesaliusError `bad-data` with row and position of a letter outside the alphabet
 */
export function sequencesColumn(alphabet: SequenceAlphabet, sequences: readonly (string | null)[]): SequencesColumn {
  const values = sequences.map((sequence) => (sequence ?? "").toUpperCase());
  for (const [row, sequence] of values.entries()) {
    const position = foreignLetter(sequence, alphabet);
    if (position < 0) continue;
    throw new VesaliusError("bad-data", `position ${position + 1} holds a letter that ${alphabet} does not have`, {
      where: `sequence in row ${row + 1}`,
      fix: "correct the letter or choose another alphabet: dna (ACGT), rna (ACGU) or protein",
    });
  }
  const flags = sequences.map((sequence) => sequence !== null);
  return { kind: "sequences", alphabet, length: values.length, values, ...presence(flags) };
}

/** Sequences: equal ones are taken for one example. */
export const sequences: ColumnKind<SequencesColumn, string> = {
  kind: "sequences",
  summary: "DNA, RNA or protein sequences, read as strings of letters",
  ...ofStrings,
  join: (columns) => ({
    kind: "sequences",
    alphabet: agreed(columns, "alphabets", ({ alphabet }) => alphabet),
    ...joinStrings(columns),
  }),
  fingerprints: (column) => textFingerprints(column, (sequence) => sequence.toUpperCase()),
  *content(column) {
    yield* contentHead(column, column.alphabet);
    yield* stringContent(column.values);
  },
  empty: (length) => sequencesColumn("protein", Array<null>(length).fill(null)),
  facts: (column) => ({ alphabet: column.alphabet, ...lengthFacts(column, ({ length }) => length) }),
  describe: (column) => ({ alphabet: column.alphabet, ...describeStrings(column) }),
};
