import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { encoderEntry } from "./encoder.ts";
import { noiseSchema, noiseTokens, type WholeText } from "./tokens/noise-tokens.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { type PreparedTokens, tokenReader } from "./tokens/read-tokens.ts";
import { tokensSpecSchema } from "./tokens/settings.ts";
import { tokenInputs, writeTokens } from "./tokens/write-tokens.ts";
import { TEXT_KINDS } from "./tokens.ts";

const settingsSchema = z.strictObject({
  /** The tokens that are learned from. */
  of: tokensSpecSchema,
  /** How they are spoilt. */
  noise: noiseSchema,
  /** What the decoder is given to begin with. */
  startTokens: z.array(z.int().nonnegative()).min(1),
});

/** A text with the places at which its sentences begin. */
interface PreparedText extends WholeText {
  readonly tokens: PreparedTokens;
}

/** Places that what is read or written may have beyond the text: sentinels, the start. */
const margin = 8;

function wholeText(tokens: PreparedTokens, text: string): PreparedText {
  const { ids, sequenceIds, offsets } = tokens;
  const first = sequenceIds.findIndex((sequence) => sequence >= 0);
  const last = sequenceIds.findLastIndex((sequence) => sequence >= 0);
  const [from, to] = first < 0 ? [ids.length, ids.length] : [first, last + 1];
  const sentences = [0];
  for (let token = from + 1; token < to; token++) {
    const before = text.slice(offsets[2 * token - 2], offsets[2 * token - 1]);
    if (/[.!?。！？]$/u.test(before)) sentences.push(token - from);
  }
  return {
    tokens,
    inner: ids.subarray(from, to),
    leading: ids.subarray(0, from),
    trailing: ids.subarray(to),
    sentences,
  };
}

/**
 * Spoilt texts for an encoder-decoder to restore: the inputs of `tokens`, and of the decoder `written` int32 (what it has
 * written so far, behind its start tokens) and `labels` int32 `[rows, length]`, the token that comes next, -1 on padding.
 * Where the tokenizer has no sentinels (`<extra_id_0>`), its mask token stands for every span, in order.
 */
export const noisedTokens = encoderEntry({
  name: "noisedTokens",
  summary: "Spoilt texts, and what an encoder-decoder is to write of them.",
  paper: "Lewis et al. 2020, BART; Raffel et al. 2020, T5",
  settings: settingsSchema,
  create({ of, noise, startTokens }) {
    if (of.pair || of.features !== undefined)
      throw new VesaliusError("bad-configuration", "pairs of texts and features of words are not restored", {
        where: "encoder noisedTokens",
        fix: "leave pair and features out of the tokens",
      });
    const reader = tokenReader(of);
    const { table, tokenizer } = reader;
    const mask = table.mask;
    const sentinelOf = (span: number): number | undefined => tokenizer.idOf(`<extra_id_${span}>`) ?? mask;
    if ((noise.name === "infilling" ? mask : sentinelOf(0)) === undefined)
      throw new VesaliusError("bad-configuration", "the tokenizer has no mask token to stand for what is missing", {
        where: "encoder noisedTokens",
        fix: "name one in the tokenizer's special tokens",
      });
    const limit = reader.limit;
    const extentOf = ({ tokens }: PreparedText): number => Math.min(limit, tokens.ids.length + margin);
    return {
      reads: [TEXT_KINDS],
      inputs: (rows, length) => ({
        ...tokenInputs(of, rows, length),
        written: { dtype: "int32", shape: [rows, length] },
        labels: { dtype: "int32", shape: [rows, length] },
      }),
      extent: ([prepared]) => extentOf(prepared as PreparedText),
      largestExtent: limit,
      ...(of.lengths === undefined ? {} : { extents: of.lengths }),
      prepare(texts) {
        const text = (texts as readonly string[]).filter((one) => one !== "").join("\n");
        return [wholeText(reader.read([text]), text)];
      },
      counts([prepared]) {
        const { ids, cut } = (prepared as PreparedText).tokens;
        return { tokens: ids.length, truncatedTexts: cut > 0 ? 1 : 0, truncatedTokens: cut };
      },
      encode(examples, into, { extent, random }) {
        into["labels"]!.fill(-1);
        into["written"]!.fill(table.padding);
        examples.forEach((values, row) => {
          if (values === null) return;
          const prepared = values[0] as PreparedText;
          const sentinel = (span: number): number => sentinelOf(span) ?? sentinelOf(0)!;
          const { read, write } = noiseTokens(prepared, noise, { mask: mask ?? sentinel(0), sentinel }, random(row));
          // Masks where nothing is missing can make a text longer than it was; its end gives way.
          const shown = read.subarray(0, extent);
          writeTokens({ ...prepared.tokens, ids: shown }, into, row, extent);
          const labels = write.subarray(0, extent - startTokens.length + 1);
          into["written"]!.set([...startTokens, ...labels.subarray(0, -1)], row * extent);
          into["labels"]!.set(labels, row * extent + startTokens.length - 1);
        });
      },
    };
  },
  fit: async (given, columns, context) => ({
    ...given,
    of: { ...(await fitTokens(given.of, columns, context)), name: "tokens" as const },
  }),
});
