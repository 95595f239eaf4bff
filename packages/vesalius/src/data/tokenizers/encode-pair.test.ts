import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createTokenizer } from "./create-tokenizer.ts";
import { encodeToLength, padEncoding, type Truncation } from "./encode-pair.ts";
import { wordPieceFile } from "./kinds/word-piece.ts";
import { fixtureVocabulary, readTokenizerFixture } from "./reference.test.helper.ts";

const caseSchema = z.object({
  text: z.string(),
  options: z.object({
    text_pair: z.string().optional(),
    max_length: z.int().optional(),
    truncation: z.union([z.literal(true), z.enum(["longest_first", "only_first", "only_second"])]).optional(),
    padding: z.string().optional(),
  }),
  input_ids: z.array(z.int()),
  token_type_ids: z.array(z.int()),
  attention_mask: z.array(z.int()),
  special_tokens_mask: z.array(z.int()),
  decoded: z.string(),
});
const truncations: Record<string, Truncation> = {
  true: "longestFirst",
  longest_first: "longestFirst",
  only_first: "onlyFirst",
  only_second: "onlySecond",
};
const tokenizer = createTokenizer(wordPieceFile(fixtureVocabulary("bert_encode_pairs")));

describe("pairs of texts", () => {
  it.each(readTokenizerFixture("bert_encode_pairs").pairs.map((pair) => [caseSchema.parse(pair)]))(
    "are joined, cut and filled up as transformers does: $text, $options",
    ({ text, options, ...expected }) => {
      const second = options.text_pair === undefined ? undefined : tokenizer.encode(options.text_pair);
      const encoding = encodeToLength(tokenizer, tokenizer.encode(text), second, {
        length: options.max_length ?? 1000,
        truncation: truncations[String(options.truncation)] ?? "refuse",
      });
      const length = options.padding === "max_length" ? options.max_length! : encoding.ids.length;
      const { ids, typeIds, mask } = padEncoding(tokenizer, encoding, length);
      expect({ ids: [...ids], typeIds: [...typeIds], mask: [...mask] }).toEqual({
        ids: expected.input_ids,
        typeIds: expected.token_type_ids,
        mask: expected.attention_mask,
      });
      const special = Array.from(encoding.sequenceIds, (sequence) => (sequence < 0 ? 1 : 0));
      expect(special).toEqual(expected.special_tokens_mask.slice(0, special.length));
      expect(tokenizer.decode(encoding.ids)).toBe(expected.decoded);
    },
  );

  it("are refused where they do not fit and may not be cut", () => {
    const [long, short] = [tokenizer.encode("the patient was admitted to the hospital"), tokenizer.encode("no pain")];
    expect(() => encodeToLength(tokenizer, long, short, { length: 8, truncation: "refuse" })).toThrow(
      /9 tokens do not fit into 5/,
    );
    expect(() => encodeToLength(tokenizer, long, short, { length: 8, truncation: "onlySecond" })).toThrow(/do not fit/);
    expect(encodeToLength(tokenizer, long, short, { length: 8, truncation: "onlyFirst" }).tokens).toEqual(
      "[CLS] the patient was [SEP] no pain [SEP]".split(" "),
    );
  });

  it("keep offsets and words of each text", () => {
    const { offsets, wordIds, sequenceIds } = tokenizer.wrap(tokenizer.encode("no pain"), tokenizer.encode("chest"));
    expect([...wordIds]).toEqual([-1, 0, 1, -1, 0, -1]);
    expect([...sequenceIds]).toEqual([-1, 0, 0, -1, 1, -1]);
    expect([...offsets]).toEqual([0, 0, 0, 2, 3, 7, 0, 0, 0, 5, 0, 0]);
  });
});

describe("filling up", () => {
  it("can stand before the text, and refuses what is too long", () => {
    const encoding = tokenizer.encode("no pain");
    const { ids, mask } = padEncoding(tokenizer, encoding, 4, "start");
    expect([...ids]).toEqual([0, 0, ...encoding.ids]);
    expect([...mask]).toEqual([0, 0, 1, 1]);
    expect(() => padEncoding(tokenizer, encoding, 1)).toThrow(/cannot be filled up/);
  });
});
