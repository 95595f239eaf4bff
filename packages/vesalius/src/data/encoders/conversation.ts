import { type PreparedConversation, conversationReader } from "./conversation/read-conversation.ts";
import { conversationSettingsSchema } from "./conversation/settings.ts";
import { encoderEntry } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { tokenInputs, writeTokens } from "./tokens/write-tokens.ts";
import { TEXT_KINDS } from "./tokens.ts";

/** The prepared conversation of an example. */
export const conversationOf = (values: readonly unknown[]): PreparedConversation => values[0] as PreparedConversation;

/**
 * Conversations as tokens: turns of a prompt, filled from columns and written as the tokenizer's chat template says, and
 * with an answer the model's turn behind them. Inputs are those of `tokens`, and with an answer `labels` int32
 * `[rows, length]`: at each place the id of the next token where the model writes it, -1 elsewhere, so that the loss is on
 * answers alone (Ouyang et al. 2022).
 *
 * A prompt that leaves no room for an answer is refused, or the field that may give way is cut at its end and counted.
 */
export const conversation = encoderEntry({
  name: "conversation",
  summary: "Prompts, filled from columns, with the answers that a model is to learn.",
  paper: "Ouyang et al. 2022, Training Language Models to Follow Instructions with Human Feedback",
  settings: conversationSettingsSchema,
  create(settings) {
    const reader = conversationReader(settings);
    const { of, answer, form } = settings;
    const learned = answer !== undefined && form === "continued";
    return {
      reads: [[...TEXT_KINDS, "dialogues"]],
      inputs: (rows, length) => ({
        ...tokenInputs(of, rows, length),
        ...(learned ? { labels: { dtype: "int32", shape: [rows, length] } as const } : {}),
      }),
      extent: (values) => conversationOf(values).ids.length,
      largestExtent: reader.limit,
      ...(of.lengths === undefined ? {} : { extents: of.lengths }),
      prepare: (values) => [reader.read(values)],
      counts: (values) => conversationOf(values).counts,
      encode(examples, into, { extent }) {
        into["labels"]?.fill(-1);
        examples.forEach((values, row) => {
          if (values === null) return;
          const prepared = conversationOf(values);
          writeTokens(prepared, into, row, extent);
          const { ids, written } = prepared;
          const { labels } = into;
          for (let token = 1; token < ids.length; token++)
            if (labels !== undefined && written[token] === 1) labels[row * extent + token - 1] = ids[token]!;
        });
      },
    };
  },
  fit: async (given, columns, context) => ({
    ...given,
    of: { ...(await fitTokens(given.of, columns, context)), name: "tokens" as const },
  }),
});
