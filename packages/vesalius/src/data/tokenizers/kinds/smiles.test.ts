import { describe, expect, it } from "vitest";
import { createTokenizer } from "../create-tokenizer.ts";
import { fixtureVocabulary, readTokenizerFixture } from "../reference.test.helper.ts";
import { trainTokenizer } from "../train-tokenizer.ts";
import { smilesFile } from "./smiles.ts";

const named = (name: string) => {
  const fixture = readTokenizerFixture(name);
  return { pairs: fixture.pairs, vocabulary: fixtureVocabulary(name), pattern: String(fixture["pattern"]) };
};

describe("DeepChem's SMILES", () => {
  const { pairs, vocabulary, pattern } = named("smiles_deepchem");
  const own = createTokenizer(smilesFile(vocabulary, { unmatched: "drop" }));
  const published = createTokenizer(smilesFile(vocabulary, { unmatched: "drop", pattern }));
  it.each(pairs)("$text", ({ text, ids, tokens }) => {
    for (const tokenizer of [own, published]) {
      const encoding = tokenizer.encode(text);
      expect([...tokenizer.wrap(encoding).ids]).toEqual(ids);
      const known = tokens!.map((token) => (vocabulary.includes(token) ? token : "[UNK]"));
      expect(encoding.tokens).toEqual(known);
    }
  });
});

describe("MolecularTransformer's SMILES", () => {
  const { pairs, vocabulary, pattern } = named("smiles_regex");
  // The fixture holds the pattern as Python's source writes it, where two backslashes are one.
  const tokenizer = createTokenizer(smilesFile(vocabulary, { pattern: pattern.replaceAll("\\\\", "\\") }));
  it.each(pairs)("$text", ({ text, ids, error }) => {
    if (error === undefined) expect([...tokenizer.encode(text).ids]).toEqual(ids);
    else expect(() => tokenizer.encode(text)).toThrow(/does not match a symbol.*character \d+/);
  });
});

describe("a SMILES vocabulary of a corpus", () => {
  it("holds atoms, bonds and rings, and gives a molecule back", async () => {
    const molecules = ["CC(=O)Oc1ccccc1C(=O)O", "C[N+](C)(C)C", "ClC1=CC=CC=C1Br"];
    const tokenizer = await trainTokenizer({ name: "smiles" }, molecules);
    expect(tokenizer.vocabulary).toEqual(expect.arrayContaining(["[N+]", "Cl", "Br", "c", "(", "=", "1"]));
    for (const text of molecules) {
      const { ids, tokens, offsets } = tokenizer.encode(text);
      expect(tokenizer.decode(ids)).toBe(text);
      expect(tokens).toEqual(tokens.map((_, at) => text.slice(offsets[2 * at], offsets[2 * at + 1])));
    }
    expect(tokenizer.encode("[Si]C").tokens).toEqual(["[UNK]", "C"]);
    expect(() => tokenizer.encode("CC ethane")).toThrow(/character 2/);
  });
});
