import { z } from "zod";
import { type PreparedConversation, conversationReader } from "./conversation/read-conversation.ts";
import { promptTurnSchema } from "./conversation/settings.ts";
import { encoderEntry } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { tokenInputs, writeTokens } from "./tokens/write-tokens.ts";
import { TEXT_KINDS } from "./tokens.ts";

const settingsSchema = z.strictObject({
  /** The tokens that a network reads. */
  of: tokensSpecSchema,
  /** Names under which templates know the columns, in their order. */
  fields: z.array(z.string()).min(2),
  /** What is said to the model. */
  prompt: z.array(promptTurnSchema).min(1),
  /** Fields of the answer that is preferred and of the other. */
  chosen: z.string(),
  rejected: z.string(),
  /** Field that gives way where a prompt is too long. */
  shorten: z.string().optional(),
  /** Room that a prompt leaves for an answer; longer ones are cut and counted. */
  maximumAnswerTokens: z.int().positive().default(128),
});

/** A prompt with either answer. */
interface PreparedPair {
  readonly chosen: PreparedConversation;
  readonly rejected: PreparedConversation;
}

const pairOf = (values: readonly unknown[]): PreparedPair => values[0] as PreparedPair;

/**
 * Pairs of answers to one prompt, side by side in one batch: the inputs of `tokens` and `labels`, each int32
 * `[2 * rows, length]`, first the preferred answers of all rows, then the others (Rafailov et al. 2023).
 */
export const preferencePair = encoderEntry({
  name: "preferencePair",
  summary: "A prompt with the answer that is preferred and with the other.",
  paper: "Rafailov et al. 2023, Direct Preference Optimization",
  settings: settingsSchema,
  create({ chosen, rejected, ...shared }) {
    const of = (answer: string, other: string) => {
      const fields = shared.fields.filter((name) => name !== other);
      const reader = conversationReader({ ...shared, fields, answer, form: "continued", learn: "last" });
      const places = fields.map((name) => shared.fields.indexOf(name));
      return {
        limit: reader.limit,
        read: (values: readonly unknown[]) => reader.read(places.map((place) => values[place])),
      };
    };
    const [preferred, other] = [of(chosen, rejected), of(rejected, chosen)];
    const inputs = (rows: number, length: number) => ({
      ...tokenInputs(shared.of, 2 * rows, length),
      labels: { dtype: "int32", shape: [2 * rows, length] } as const,
    });
    return {
      reads: [[...TEXT_KINDS, "dialogues"]],
      inputs,
      extent: (values) => Math.max(pairOf(values).chosen.ids.length, pairOf(values).rejected.ids.length),
      largestExtent: preferred.limit,
      ...(shared.of.lengths === undefined ? {} : { extents: shared.of.lengths }),
      prepare: (values) => [{ chosen: preferred.read(values), rejected: other.read(values) } satisfies PreparedPair],
      counts(values) {
        const pair = pairOf(values);
        return Object.fromEntries(
          Object.entries(pair.chosen.counts).map(([what, count]) => [what, count + (pair.rejected.counts[what] ?? 0)]),
        );
      },
      encode(examples, into, { extent }) {
        const rows = into["labels"]!.length / (2 * extent);
        into["labels"]!.fill(-1);
        examples.forEach((values, row) => {
          if (values === null) return;
          const { chosen: first, rejected: second } = pairOf(values);
          for (const [prepared, at] of [
            [first, row],
            [second, rows + row],
          ] as const) {
            writeTokens(prepared, into, at, extent);
            const { ids, written } = prepared;
            for (let token = 1; token < ids.length; token++)
              if (written[token] === 1) into["labels"]![at * extent + token - 1] = ids[token]!;
          }
        });
      },
    };
  },
  fit: async (given, columns, context) => ({
    ...given,
    of: { ...(await fitTokens(given.of, columns, context)), name: "tokens" as const },
  }),
});
