import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { quantile } from "./quantile.ts";
import {
  bytesOf,
  concatenate,
  contentHead,
  gather,
  isPresent,
  joinedLength,
  joinPresent,
  lengthsOf,
  offsetsOf,
  presence,
  presentCount,
  readRows,
  shared,
  takeLists,
  takePresent,
} from "./storage.ts";
import { stringContent, textFingerprints } from "./strings.ts";

/** The options of a multiple-choice question. */
export interface Choices {
  /** Texts of the options, in their order. */
  readonly options: readonly string[];
  /** Position of the right option; null where none is stated, as in questions of a hidden test. */
  readonly answer: number | null;
}

/** Options of multiple-choice questions; examples may have different numbers of them. */
export interface ChoicesColumn extends Column {
  readonly kind: "choices";
  /** `[length + 1]`: the options of example i are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** `[options]` */
  readonly options: readonly string[];
  /** `[length]` position of the right option among those of the example; -1 where none is stated. */
  readonly answers: Int32Array;
}

/**
 * A column of options with the right one; null stands for a missing question.
 *
 * @throws VesaliusError `bad-data` for fewer than two options or an answer that is none of them
 */
export function choicesColumn(values: readonly (Choices | null)[]): ChoicesColumn {
  for (const [row, value] of values.entries()) {
    if (value === null) continue;
    const { options, answer } = value;
    const where = `row ${row + 1}`;
    if (options.length < 2)
      throw new VesaliusError("bad-data", `a choice has ${options.length} options, and needs two`, { where });
    if (answer !== null && !(Number.isInteger(answer) && answer >= 0 && answer < options.length))
      throw new VesaliusError("bad-data", `the right answer is none of the ${options.length} options`, { where });
  }
  return {
    kind: "choices",
    length: values.length,
    offsets: offsetsOf(
      Int32Array,
      values.map((value) => value?.options.length ?? 0),
    ),
    options: values.flatMap((value) => value?.options ?? []),
    answers: shared(Int32Array.from(values, (value) => value?.answer ?? -1)),
    ...presence(values.map((value) => value !== null)),
  };
}

/** The options of an example. */
const optionsOf = ({ offsets, options }: ChoicesColumn, row: number): readonly string[] =>
  options.slice(offsets[row], offsets[row + 1]);

/** Options with the right one; they tell questions apart only together with the question. */
export const choices: ColumnKind<ChoicesColumn, Choices> = {
  kind: "choices",
  summary: "options of multiple-choice questions, read as their texts and the position of the right one",
  read: (column, rows) =>
    readRows(column, rows, (row) => {
      const answer = column.answers[row]!;
      return { options: optionsOf(column, row), answer: answer < 0 ? null : answer };
    }),
  take(column, rows) {
    const { lengths, positions } = takeLists(column.offsets, rows);
    return {
      kind: "choices",
      length: rows.length,
      offsets: offsetsOf(Int32Array, lengths),
      options: Array.from(positions, (position) => column.options[position]!),
      answers: gather(column.answers, rows),
      ...takePresent(column, rows),
    };
  },
  join: (columns) => ({
    kind: "choices",
    length: joinedLength(columns),
    offsets: offsetsOf(
      Int32Array,
      columns.flatMap(({ offsets }) => lengthsOf(offsets)),
    ),
    options: columns.flatMap(({ options }) => options),
    answers: concatenate(
      Int32Array,
      columns.map(({ answers }) => answers),
    ),
    ...joinPresent(columns),
  }),
  fingerprints: (column) =>
    textFingerprints(
      {
        ...column,
        values: Array.from({ length: column.length }, (_, row) => [...optionsOf(column, row)].sort().join("\n")),
      },
      (text) => text.toLowerCase().replace(/\s+/gu, " "),
    ),
  telling: () => false,
  lacking: ({ answers }) => (answers.every((answer) => answer < 0) ? "no right answer is stated" : undefined),
  *content(column) {
    yield* contentHead(column);
    yield bytesOf(column.offsets);
    yield bytesOf(column.answers);
    yield* stringContent(column.options);
  },
  facts(column) {
    const counts = lengthsOf(column.offsets).filter((_, row) => isPresent(column, row));
    return { options: quantile(counts, 0.5), mostOptions: counts.reduce((a, b) => Math.max(a, b), 0) };
  },
  describe(column) {
    const counts = lengthsOf(column.offsets).filter((_, row) => isPresent(column, row));
    const most = counts.reduce((a, b) => Math.max(a, b), 0);
    const positions = Array.from(
      { length: most },
      (_, place) => `${place + 1}: ${column.answers.reduce((sum, answer) => sum + Number(answer === place), 0)}`,
    );
    return {
      present: presentCount(column),
      fewestOptions: counts.reduce((a, b) => Math.min(a, b), most),
      mostOptions: most,
      rightAnswers: positions,
      withoutAnswer: column.answers.reduce((sum, answer, row) => sum + Number(answer < 0 && isPresent(column, row)), 0),
    };
  },
};
