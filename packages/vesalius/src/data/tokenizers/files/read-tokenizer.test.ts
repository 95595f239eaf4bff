import { describe, expect, it } from "vitest";
import { createTokenizer } from "../create-tokenizer.ts";
import { wordPieceFile } from "../kinds/word-piece.ts";
import { kmerFile } from "../kinds/kmers.ts";
import { residueFile } from "../kinds/residues.ts";
import { fixtureVocabulary, readTokenizerFixture } from "../reference.test.helper.ts";
import { readTokenizer } from "./read-tokenizer.ts";
import { tokenizerFiles } from "./tokenizer-config.ts";

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

  it("takes vocab.txt of other kinds, by the class that the settings name", () => {
    const config = (name: string, more: object = {}) => JSON.stringify({ tokenizer_class: name, ...more });
    const residues = residueFile().tokenizer.model["vocab"] as object;
    const esm = { "vocab.txt": Object.keys(residues).join("\n"), "tokenizer_config.json": config("EsmTokenizer") };
    expect([...readTokenizer(esm).wrap(readTokenizer(esm).encode("MK<mask>J")).ids]).toEqual([0, 20, 15, 32, 3, 2]);
    const kmers = Object.keys(kmerFile({ k: 3 }).tokenizer.model["vocab"] as object).join("\n");
    const dnabert = readTokenizer({ "vocab.txt": kmers, "tokenizer_config.json": config("DNATokenizer") });
    expect(dnabert.encode("ACGTN").tokens).toEqual(["ACG", "CGT", "[UNK]"]);
    const words = ["<unk>", "<pad>", "<cls>", "AA", "AC", "CA", "CC", "A", "C", "N"].join("\n");
    const roles = { cls_token: "<cls>", pad_token: "<pad>", unk_token: "<unk>", eos_token: null };
    const side = readTokenizer({ "vocab.txt": words, "tokenizer_config.json": config("EsmTokenizer", roles) });
    expect(side.wrap(side.encode("ACNAAC")).tokens).toEqual(["<cls>", "AC", "N", "AA", "C"]);
    expect(readTokenizer({ "vocab.txt": kmers }, { kind: "overlappingKmers" }).encode("ACGT").tokens).toEqual([
      "ACG",
      "CGT",
    ]);
    expect(() => readTokenizer({ "vocab.txt": words.replace("CA\n", "") }, { kind: "kmers" })).toThrow(/3 words of 2/);
    const atoms = fixtureVocabulary("smiles_deepchem").join("\n");
    expect(readTokenizer({ "vocab.txt": atoms }, { kind: "smiles" }).encode("CCl").tokens).toEqual(["C", "Cl"]);
  });

  it("takes vocab.json and merges.txt of GPT-2, RoBERTa and CLIP", () => {
    const files = (name: string, change: (token: string) => string = (token) => token) => {
      const ids = Object.fromEntries(fixtureVocabulary(name).map((token, id) => [change(token), id]));
      const merges = ["#version: 0.2", ...(readTokenizerFixture(name)["merges"] as string[])].join("\n");
      return { "vocab.json": JSON.stringify(ids), "merges.txt": merges };
    };
    const gpt2 = readTokenizer(files("bpe_byte_level"));
    const { text, ids } = readTokenizerFixture("bpe_byte_level").pairs[0]!;
    expect([...gpt2.encode(text).ids]).toEqual(ids);
    expect(gpt2.wrapLength(false)).toBe(0);
    const renamed: Record<string, string> = {
      "<|endoftext|>": "</s>",
      "!": "<s>",
      '"': "<pad>",
      "#": "<unk>",
      $: "<mask>",
    };
    const roberta = readTokenizer(files("bpe_byte_level", (token) => renamed[token] ?? token));
    expect(roberta.wrap(roberta.encode("a"), roberta.encode("a")).tokens.join(" ")).toBe("<s> a </s> </s> a </s>");
    const clip = readTokenizer(files("bpe_clip"));
    expect(clip.wrap(clip.encode("The")).tokens).toEqual(["<|startoftext|>", "the</w>", "<|endoftext|>"]);
  });

  it("gives the files of a saved model, which read as the same tokenizer", () => {
    const tokenizer = createTokenizer(residueFile());
    const again = readTokenizer(tokenizerFiles(tokenizer));
    expect(again.special).toEqual(tokenizer.special);
    expect(again.encode("MKV")).toEqual(tokenizer.encode("MKV"));
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
    [
      { "vocab.txt": "the", "tokenizer_config.json": '{"tokenizer_class": "XLNetTokenizer"}' },
      /XLNetTokenizer is not impl/,
    ],
    [{ "vocab.txt": "the", "tokenizer_config.json": '{"do_basic_tokenize": false}' }, /do_basic_tokenize/],
    [{ "vocab.json": "{}" }, /no file of a tokenizer/],
    [{ "vocab.json": "{}", "merges.txt": "a b c" }, /no pair of tokens.*line 1/],
    [{ "vocab.json": '{"a": 0}', "merges.txt": "" }, /unknown class are not implemented/],
    [{ "vocab.json": '{"Ġ": 0, "<|endoftext|>": 1}', "merges.txt": "#version: 0.2\na b" }, /merge 1 needs a token/],
    [{ "vocab.txt": "the", "tokenizer_config.json": '{"do_lower_case": 1}' }, /do_lower_case/],
  ])("refuses %j", (files, message) => {
    expect(() => readTokenizer(files)).toThrow(message);
  });
});
