import type { z } from "zod";
import type { Entry } from "../../common/catalogue.ts";
import type { RandomStream } from "../../common/random.ts";
import type { Column } from "../column.ts";
import type { InputType } from "../feeds.ts";

/** What an encoder is told about one batch. */
export interface EncodingContext {
  /** Extent of the axis that varies; 0 for encoders without one. */
  readonly extent: number;
  /** Random stream of a row of the batch, the same for the same step and row on every platform. */
  readonly random: (row: number) => RandomStream;
}

/** Values of one example, one for each column of the part, in order. */
export type PartValues = readonly unknown[];

/** Numbers on a grid of two or three axes. */
export interface GridValues {
  readonly channels: number;
  /** `[height, width]` or `[depth, height, width]`. */
  readonly extents: readonly number[];
  /** `[channels, ...extents]` */
  readonly data: Float32Array;
}

/** Turns values of columns into inputs of a graph. Made from plain data, so that any thread can make it again. */
export interface Encoder {
  /** Kinds of column that it reads, in order; alternatives for each. Further columns are of the last kinds. */
  readonly reads: readonly (readonly string[])[];
  /**
   * The encoder for columns whose values mean something only together with names (genes, levels, measurements): names of
   * the columns are brought to those that the settings were fitted to.
   *
   * @throws VesaliusError `bad-data` for names that are needed and absent
   */
  forColumns?(columns: readonly Column[]): Encoder;
  /** Inputs by the second half of their name (`tokens`, `mask`), with the batch axis first. */
  inputs(rows: number, extent: number): Readonly<Record<string, InputType>>;
  /** Extent that an example needs of the axis that varies (tokens, genes), after any truncation. */
  extent?(values: PartValues): number;
  /** Largest extent that `extent` gives. */
  readonly largestExtent?: number;
  /** Extents that batches may have, ascending, where the settings name them; chosen from the data otherwise. */
  readonly extents?: readonly number[];
  /**
   * Brings the values of an example into the fixed form that random changes act on: decoded and resized images, volumes
   * of one spacing. It depends on nothing but the values, so the result is kept where memory allows.
   */
  prepare?(values: PartValues): PartValues;
  /**
   * What of a prepared example is worth telling, to be summed over a split: texts that were cut, marked pieces that no
   * token stands for. Nothing is left out in silence.
   */
  counts?(values: PartValues): Readonly<Record<string, number>>;
  /**
   * Writes a batch. Arrays arrive filled with zeros; rows of `examples` that are null (a missing value) stay so.
   *
   * @param examples prepared values of each row
   *
   * @throws VesaliusError `bad-data` for a value that cannot be encoded, without quoting it
   */
  encode(
    examples: readonly (PartValues | null)[],
    into: Readonly<Record<string, Float32Array | Int32Array>>,
    context: EncodingContext,
  ): void | Promise<void>;
  /**
   * What it subtracts from inputs and then divides them by, by input: one value, or one for each channel. An exported
   * graph does so itself, so that who uses the file needs no statistics.
   */
  readonly standardization?: Readonly<
    Record<string, { readonly mean: readonly number[]; readonly std: readonly number[] }>
  >;
  /**
   * Takes a result back to the grid of the example as stored, linearly.
   *
   * @param output on the grid of the inputs, or on that of the prepared example (a sliding window over all of it)
   * @param values as they were read, before `prepare`
   */
  restore?(output: GridValues, values: PartValues): GridValues;
}

/** An encoder of the catalogue. */
export interface EncoderEntry<Name extends string = string, Settings extends z.ZodObject = z.ZodObject> extends Entry<
  Name,
  Settings,
  Encoder
> {
  /**
   * Settings with what the training data decide: pixel statistics, a trained tokenizer, a vocabulary of genes. Settings
   * that are fitted already come back as they are.
   */
  fit?(settings: z.output<Settings>, columns: readonly Column[], context: FitContext): Promise<z.output<Settings>>;
  /**
   * What bringing the values of columns into the encoder's form loses, in words: images made smaller or grey.
   *
   * @param columns the same column of one or several splits
   */
  loses?(settings: z.output<Settings>, columns: readonly Column[]): readonly string[];
  /** Further files of the field that a saved model holds beside its preparation, by name: `tokenizer.json`. */
  files?(settings: z.output<Settings>): Readonly<Record<string, string>>;
}

/** What fitting is told beside the data. */
export interface FitContext {
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Keeps the types of an encoder's name and settings. */
export const encoderEntry = <const Name extends string, Settings extends z.ZodObject>(
  it: EncoderEntry<Name, Settings>,
): EncoderEntry<Name, Settings> => it;
