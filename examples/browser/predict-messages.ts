/** A column that the model reads. */
export interface WantedInput {
  readonly name: string;
  /** Kinds of column that it takes. */
  readonly kinds: readonly string[];
  readonly optional: boolean;
}

/** What a person gives for one column: a text that was typed, or files. */
export type GivenInput = { readonly text: string } | { readonly files: readonly File[] };

/** From the page to the worker. */
export type PredictMessage =
  | { readonly kind: "open"; readonly files: readonly File[] }
  | { readonly kind: "answer"; readonly given: Readonly<Record<string, GivenInput>> };

/** One answer, as the task writes it in JSON. */
export interface ShownAnswer {
  readonly id: string;
  readonly answer: unknown;
  /** The text that the answer points into, where it does. */
  readonly text?: string;
}

/** From the worker to the page. */
export type PredictReply =
  | { readonly kind: "stage"; readonly detail: string }
  | {
      readonly kind: "opened";
      readonly task: string;
      readonly network: string;
      readonly parameters: number;
      readonly inputs: readonly WantedInput[];
    }
  | {
      readonly kind: "answered";
      readonly answers: readonly ShownAnswer[];
      readonly seconds: number;
      /** What was read of the inputs by part, in words: tokens, texts that were cut. */
      readonly read: readonly (readonly [part: string, text: string])[];
    }
  | { readonly kind: "failed"; readonly message: string };
