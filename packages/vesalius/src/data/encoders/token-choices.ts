import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Choices } from "../columns/choices.ts";
import { encoderEntry } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { type PreparedTokens, tokenReader } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { tokenInputs, writeTokens } from "./tokens/write-tokens.ts";
import { TEXT_KINDS } from "./tokens.ts";

const settingsSchema = z.strictObject({
  /** How a question with one of its options is read. */
  of: tokensSpecSchema,
  /** Options of an example, at most. */
  options: z.int().min(2),
});

/** An example as the network sees it: the question once with each option. */
type PreparedChoices = readonly PreparedTokens[];

/**
 * A question with each of its options as a text, or a pair of texts, of its own (Radford et al. 2018, section 3.3): the inputs
 * of `tokens` with `rows * options` rows, those of an example one after the other, and `present` float32 `[rows, options]`, 1
 * for options that there are. Several columns in front of the options are read as one text, a line break between them.
 */
export const tokenChoices = encoderEntry({
  name: "tokenChoices",
  summary: "A question with each of its options as tokens.",
  paper: "Radford et al. 2018, Improving Language Understanding by Generative Pre-Training",
  settings: settingsSchema,
  create({ of, options: most }) {
    const reader = tokenReader(of);
    return {
      reads: [TEXT_KINDS, [...TEXT_KINDS, "choices"]],
      extent: ([prepared]) => Math.max(...(prepared as PreparedChoices).map(({ ids }) => ids.length)),
      largestExtent: reader.limit,
      ...(of.lengths === undefined ? {} : { extents: of.lengths }),
      inputs: (rows, length) => ({
        ...tokenInputs(of, rows * most, length),
        present: { dtype: "float32", shape: [rows, most] },
      }),
      prepare(values) {
        const { options } = values.at(-1) as Choices;
        if (options.length > most)
          throw new VesaliusError("bad-data", `an example has ${options.length} options, the model knows ${most}`, {
            fix: "leave options out, or train on examples with as many",
          });
        const question = (values.slice(0, -1) as readonly string[]).filter((text) => text !== "").join("\n");
        const read = options.map((option) => reader.read(of.pair ? [question, option] : [`${question}\n${option}`]));
        return [read satisfies PreparedChoices];
      },
      counts([prepared]) {
        const all = prepared as PreparedChoices;
        const sum = (of: (one: PreparedTokens) => number): number => all.reduce((total, one) => total + of(one), 0);
        return {
          tokens: sum(({ ids }) => ids.length),
          unknownTokens: sum(({ ids, table }) => ids.filter((id) => id === table.unknown).length),
          truncatedTexts: sum(({ cut }) => (cut > 0 ? 1 : 0)),
          truncatedTokens: sum(({ cut }) => cut),
        };
      },
      encode(examples, { present, ...into }, { extent }) {
        // An option that is not there shows one token, since attention over none is no number.
        into["mask"]!.forEach((_, i) => {
          if (i % extent === 0) into["mask"]![i] = 1;
        });
        into["tokens"]!.fill(reader.table.padding);
        examples.forEach((values, row) => {
          if (values === null) return;
          (values[0] as PreparedChoices).forEach((option, i) => {
            present![row * most + i] = 1;
            writeTokens(option, into, row * most + i, extent);
          });
        });
      },
    };
  },
  fit: async (given, columns, context) => ({
    ...given,
    of: { ...(await fitTokens(given.of, columns, context)), name: "tokens" as const },
  }),
});
