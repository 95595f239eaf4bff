import { describe, expect, it } from "vitest";
import { createTokenizer } from "./create-tokenizer.ts";
import { wordPieceFile } from "./kinds/word-piece.ts";
import { readTokenizer } from "./read-tokenizer.ts";
import { fixtureVocabulary } from "./reference.test.helper.ts";

const vocabulary = fixtureVocabulary("wordpiece_bert_cased");
const json = createTokenizer(wordPieceFile(vocabulary)).toJson().tokenizer;
const read = (change: object): unknown => readTokenizer({ "tokenizer.json": JSON.stringify({ ...json, ...change }) });

describe("reading a tokenizer", () => {
  it("takes vocab.txt as BERT's, with the case that its settings state", () => {
    const files = { "vocab.txt": vocabulary.join("\n") };
    expect(readTokenizer(files).encode("The").ids).toEqual(readTokenizer(files).encode("the").ids);
    const cased = readTokenizer({ ...files, "tokenizer_config.json": '{"do_lower_case": false}' });
    expect(cased.encode("The").tokens).toEqual(["The"]);
    expect(cased.vocabulary).toEqual(vocabulary);
  });

  it("takes tokenizer.json, and roles of special tokens from the settings", () => {
    const tokenizer = readTokenizer({
      "tokenizer.json": JSON.stringify(json),
      "tokenizer_config.json": JSON.stringify({ pad_token: "the", mask_token: { content: "was", lstrip: true } }),
    });
    expect(tokenizer.special).toEqual({ padding: 6, unknown: 1, start: 2, end: 3, mask: 7 });
    expect(tokenizer.toJson().tokenizer).toEqual(json);
  });

  it.each([
    [{ model: { type: "Markov" } }, /model "Markov" is not implemented.*WordPiece/],
    [{ model: { ...json.model, vocab: { a: 0, b: 0 } } }, /two tokens have the id 0/],
    [{ model: { ...json.model, vocab: { a: -1 } } }, /"a" has the id -1/],
    [{ model: { ...json.model, vocab: { a: 1e9 } } }, /without large gaps/],
    [{ model: { ...json.model, dropout: 0.1 } }, /dropout/],
    [{ normalizer: { type: "Sequence", normalizers: [{ type: "Rot13" }] } }, /normalizer "Rot13".*normalizers\.0/],
    [{ pre_tokenizer: { type: "Split", pattern: { Regex: "(?<a" }, behavior: "Removed" } }, /cannot be read/],
    [{ pre_tokenizer: { type: "Split", pattern: { Regex: "[a-z&&b]" }, behavior: "Removed" } }, /intersects classes/],
    [{ added_tokens: [{ id: 7, content: "new" }] }, /"new" has the id 7/],
    [{ added_tokens: [{ id: 0, content: "the" }] }, /the vocabulary gives it 6/],
    [{ later_version: true }, /later_version/],
    [
      {
        post_processor: {
          type: "TemplateProcessing",
          single: [{ SpecialToken: { id: "[CLS]", type_id: 0 } }],
          pair: [],
          special_tokens: {},
        },
      },
      /no usable entry "\[CLS\]"/,
    ],
  ])("refuses %j", (change, message) => {
    expect(() => read(change)).toThrow(message);
  });

  it.each([
    [{}, /no file of a tokenizer/],
    [{ "tokenizer.json": "{" }, /no JSON/],
    [{ "tokenizer.json": "[]" }, /tokenizer/],
    [{ "vocab.txt": "[PAD]\n\nthe" }, /a line is empty.*vocab\.txt, line 2/],
    [{ "vocab.txt": "[PAD]\nthe\nthe" }, /stands there twice/],
    [{ "vocab.txt": "the" }, /special token/],
    [{ "vocab.txt": "the", "tokenizer_config.json": '{"do_lower_case": 1}' }, /do_lower_case/],
  ])("refuses %j", (files, message) => {
    expect(() => readTokenizer(files)).toThrow(message);
  });
});
