import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Turn } from "../columns/dialogues.ts";
import { lastTurnOf } from "./conversation/turns.ts";
import { encoderEntry } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { tokenReader } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { TEXT_KINDS } from "./tokens.ts";

const settingsSchema = z.strictObject({
  /** The tokens that are written. */
  of: tokensSpecSchema,
  /** What the decoder is given to begin with. */
  startTokens: z.array(z.int().nonnegative()).min(1),
  /** Most tokens of an answer; longer ones are cut and counted. */
  maximumAnswerTokens: z.int().positive().default(128),
  /** Speaker of a conversation whose last turn is the answer. */
  speaker: z.string().min(1).default("assistant"),
  /** Whether the column holds the answer; otherwise only the start stands there, as before a word is written. */
  known: z.boolean().default(true),
});

/** The answer that a value holds. */
export function answerOf(value: unknown, speaker: string): string {
  if (!Array.isArray(value)) return value as string;
  const turns = value as readonly Turn[];
  const answer = turns[lastTurnOf(turns, speaker)];
  if (answer !== undefined) return answer.text;
  throw new VesaliusError("bad-data", `a conversation has no turn of ${speaker}`, {
    fix: "name whose turns are the model's (speaker), or leave the example out",
  });
}

/** An answer as a decoder reads and writes it. */
interface PreparedAnswer {
  readonly tokens: Int32Array;
  readonly labels: Int32Array;
  readonly cut: number;
}

/**
 * What the decoder of an encoder-decoder reads and is to write: `tokens` int32 `[rows, length]`, the answer behind its
 * start tokens, and `labels` int32 `[rows, length]`, the token that comes next, -1 on padding (Sutskever et al. 2014).
 * Special tokens are put around an answer as transformers does for labels; an end token always closes it.
 */
export const answerTokens = encoderEntry({
  name: "answerTokens",
  summary: "Answers as the decoder of an encoder-decoder reads and writes them.",
  paper: "Sutskever et al. 2014, Sequence to Sequence Learning with Neural Networks",
  settings: settingsSchema,
  create({ of, startTokens, maximumAnswerTokens, speaker, known }) {
    const { tokenizer, table } = tokenReader(of);
    const { end } = tokenizer.special;
    const most = maximumAnswerTokens + startTokens.length - 1;
    const prepared = (values: readonly unknown[]): PreparedAnswer => values[0] as PreparedAnswer;
    const read = (text: string): PreparedAnswer => {
      const wrapped = tokenizer.wrap(tokenizer.encode(text, { specialTokens: "text" })).ids;
      const closed = end === undefined || wrapped.at(-1) === end ? wrapped : Int32Array.of(...wrapped, end);
      const answer = closed.subarray(0, maximumAnswerTokens);
      const tokens = Int32Array.of(...startTokens, ...answer.subarray(0, -1));
      const labels = new Int32Array(tokens.length).fill(-1);
      labels.set(answer, startTokens.length - 1);
      return { tokens, labels, cut: closed.length - answer.length };
    };
    return {
      reads: [[...TEXT_KINDS, "dialogues"]],
      inputs: (rows, length) => ({
        tokens: { dtype: "int32", shape: [rows, length] },
        ...(known ? { labels: { dtype: "int32", shape: [rows, length] } as const } : {}),
      }),
      extent: (values) => prepared(values).tokens.length,
      largestExtent: most,
      prepare: ([value]) => [
        known
          ? read(answerOf(value, speaker))
          : {
              tokens: Int32Array.from(startTokens),
              labels: new Int32Array(startTokens.length).fill(-1),
              cut: 0,
            },
      ],
      counts: (values) => {
        const { cut, tokens } = prepared(values);
        return { answerTokens: tokens.length, truncatedAnswers: cut > 0 ? 1 : 0, truncatedAnswerTokens: cut };
      },
      encode(examples, into, { extent }) {
        into["labels"]?.fill(-1);
        into["tokens"]!.fill(table.padding);
        examples.forEach((values, row) => {
          if (values === null) return;
          const { tokens, labels } = prepared(values);
          into["tokens"]!.set(tokens, row * extent);
          into["labels"]?.set(labels, row * extent);
        });
      },
    };
  },
  fit: async (given, columns, context) => ({
    ...given,
    of: { ...(await fitTokens(given.of, columns, context)), name: "tokens" as const },
  }),
});
