import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Span } from "../columns/spans.ts";
import { encoderEntry } from "./encoder.ts";
import { tokenReader } from "./tokens/read-tokens.ts";
import { tokensOfPiece } from "./tokens/tokens-of-piece.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { TEXT_KINDS } from "./tokens.ts";

const settingsSchema = z.strictObject({
  /** The tokens of question and text. */
  of: tokensSpecSchema,
});

/** The token that stands for "no answer": the first one, which is no part of either text (Devlin et al. 2019). */
const NO_ANSWER = 0;

/** First and last token of an answer. */
interface PreparedAnswer {
  readonly start: number;
  readonly end: number;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Where the answer to a question stands in a text: `start` and `end` int32 `[rows]`, the first and last token of the first
 * piece that is marked; token 0, which stands in front of both texts, where nothing is marked. Answers that were cut off
 * are counted as `unseenAnswers` and stand for none in what is left, as in BERT on SQuAD.
 */
export const answerSpan = encoderEntry({
  name: "answerSpan",
  summary: "First and last token of the answer to a question in a text.",
  paper: "Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
  settings: settingsSchema,
  create({ of }) {
    if (!of.pair || !of.addSpecial)
      throw new VesaliusError("bad-configuration", "an answer is looked for in the second of a pair of texts", {
        where: "encoder answerSpan",
        fix: "read question and text as a pair with special tokens around them (pair: true, addSpecial: true)",
      });
    const reader = tokenReader(of);
    return {
      reads: [TEXT_KINDS, TEXT_KINDS, ["spans"]],
      inputs: (rows) => ({ start: { dtype: "int32", shape: [rows] }, end: { dtype: "int32", shape: [rows] } }),
      prepare([question, text, spans]) {
        const [answer] = spans as readonly Span[];
        const none = { start: NO_ANSWER, end: NO_ANSWER };
        if (answer === undefined) return [{ ...none, counts: { unanswered: 1 } } satisfies PreparedAnswer];
        if (answer.end > (text as string).length)
          throw new VesaliusError("bad-data", "an answer ends behind its text", {
            where: `characters ${answer.start} to ${answer.end} of ${(text as string).length}`,
            fix: "give offsets into the text as it is stored, in UTF-16 units",
          });
        const found = tokensOfPiece(reader.read([question as string, text as string]), answer, 1);
        if (found === undefined) return [{ ...none, counts: { unseenAnswers: 1 } } satisfies PreparedAnswer];
        return [{ start: found[0], end: found[1], counts: { answers: 1 } } satisfies PreparedAnswer];
      },
      counts: ([prepared]) => (prepared as PreparedAnswer).counts,
      encode(examples, { start, end }) {
        examples.forEach((values, row) => {
          if (values === null) return;
          const prepared = values[0] as PreparedAnswer;
          start![row] = prepared.start;
          end![row] = prepared.end;
        });
      },
    };
  },
});
