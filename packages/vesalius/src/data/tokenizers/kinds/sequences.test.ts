import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createTokenizer } from "../create-tokenizer.ts";
import { encodeToLength, padEncoding } from "../encode-pair.ts";
import { fixtureVocabulary, readTokenizerFixture } from "../reference.test.helper.ts";
import { trainTokenizer } from "../train-tokenizer.ts";
import { characterFile } from "./characters.ts";
import { kmerFile } from "./kmers.ts";
import { residueFile } from "./residues.ts";

describe.each([3, 4, 5, 6])("overlapping k-mers, k = %i", (k) => {
  const tokenizer = createTokenizer(kmerFile({ k }));
  it.each(readTokenizerFixture(`kmer_dna_k${k}`).pairs)("are DNABERT's: $text", ({ text, ids, tokens, ...rest }) => {
    const encoding = tokenizer.encode(text);
    expect([...encoding.ids]).toEqual(ids);
    const known = tokens!.map((token) => (tokenizer.idOf(token) === undefined ? "[UNK]" : token));
    expect(encoding.tokens).toEqual(known);
    expect([...tokenizer.wrap(encoding).ids]).toEqual(rest["with_special"]);
  });
});

describe("nucleotide characters", () => {
  // In the published file the special tokens of the wrapping class are not found, so that all of them are [UNK].
  const special = { padding: "[UNK]", unknown: "[UNK]", start: "[UNK]", end: "[UNK]", mask: "[MASK]" };
  const tokenizer = createTokenizer(characterFile(fixtureVocabulary("char_dna_hyena"), { special }));
  it.each(readTokenizerFixture("char_dna_hyena").pairs)("are HyenaDNA's: $text", ({ text, ids, ...rest }) => {
    const encoding = tokenizer.encode(text);
    expect([...tokenizer.wrap(encoding).ids]).toEqual(ids);
    if (rest["ids_padded_truncated"] === undefined) return;
    const cut = encodeToLength(tokenizer, encoding, undefined, { length: 20, truncation: "onlyFirst" });
    expect([...padEncoding(tokenizer, cut, 20, "start").ids]).toEqual(rest["ids_padded_truncated"]);
  });
});

describe("residues", () => {
  const fixture = readTokenizerFixture("protein_esm");
  const tokenizer = createTokenizer(residueFile());
  it("have the alphabet of ESM-2", () => {
    expect(tokenizer.vocabulary).toEqual(fixture["all_tokens"]);
    expect(tokenizer.special).toEqual({ padding: 1, unknown: 3, mask: 32, start: 0, end: 2 });
  });

  it.each(fixture.pairs)("are ESM's: $text", ({ text, ids, tokens, error }) => {
    if (error === undefined) {
      const encoding = tokenizer.encode(text);
      expect(encoding.tokens).toEqual(tokens);
      expect([...encoding.ids]).toEqual(ids);
    } else expect(() => tokenizer.encode(text)).toThrow(/not in the tokenizer's vocabulary.*character \d/);
  });

  it("are wrapped and filled up as ESM's batches", () => {
    const { sequences, tokens } = z
      .object({ sequences: z.array(z.string()), tokens: z.array(z.array(z.int())) })
      .parse(fixture["batch"]);
    expect(
      sequences.map((text) => [
        ...padEncoding(tokenizer, tokenizer.wrap(tokenizer.encode(text)), tokens[0]!.length).ids,
      ]),
    ).toEqual(tokens);
  });

  it("can be unknown, and lower case, where the settings say so", () => {
    const lenient = createTokenizer(residueFile({ unknown: "token", uppercase: true }));
    expect(lenient.encode("mk*J").tokens).toEqual(["M", "K", "<unk>", "<unk>"]);
    expect(() => tokenizer.encode("MKT*")).toThrow(/character 3/);
  });
});

describe("k-mers side by side", () => {
  const tokenizer = createTokenizer(kmerFile({ k: 3, overlapping: false, alphabet: "ACGT", uppercase: true }));
  it("leave single letters where no k-mer fits", () => {
    expect(tokenizer.encode("ACGTTNACgtaXC").tokens).toEqual(["ACG", "T", "T", "N", "ACG", "T", "A", "[UNK]", "C"]);
  });

  it("say where they stand, and give the sequence back", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("A", "C", "G", "T", "N"), maxLength: 40 }), (text) => {
        const { ids, tokens, offsets } = tokenizer.encode(text);
        expect(tokens).toEqual(tokens.map((_, at) => text.slice(offsets[2 * at], offsets[2 * at + 1])));
        expect(tokenizer.decode(ids)).toBe(text);
      }),
    );
  });

  it("refuse more k-mers than a vocabulary can hold", () => {
    expect(() => kmerFile({ k: 10, alphabet: "ACGTN" })).toThrow(/5 letters make 9765625 words of 10/);
  });
});

describe("overlapping k-mers", () => {
  it("say where they stand, and give the sequence back", () => {
    const tokenizer = createTokenizer(kmerFile({ k: 4 }));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("A", "C", "G", "T"), minLength: 4, maxLength: 40 }), (text) => {
        const { ids, tokens, offsets, wordIds } = tokenizer.encode(text);
        expect(tokens).toHaveLength(text.length - 3);
        expect([...wordIds]).toEqual([...tokens.keys()]);
        expect(tokens).toEqual(tokens.map((_, at) => text.slice(offsets[2 * at], offsets[2 * at + 1])));
        expect(tokenizer.decode(ids)).toBe(text);
      }),
    );
  });

  it("refuse other letters where the settings say so", () => {
    expect(() => createTokenizer(kmerFile({ k: 3, unknown: "refuse" })).encode("ACGNACG")).toThrow(/character 1 /);
  });
});

describe("characters of a corpus", () => {
  it("are learned from the most frequent on, astral ones whole", async () => {
    const tokenizer = await trainTokenizer({ name: "characters", vocabularySize: 8 }, ["aab😀😀😀", "ab c"]);
    expect(tokenizer.vocabulary.slice(5)).toEqual(["a", "😀", "b"]);
    const { tokens, offsets } = tokenizer.encode("b😀 c");
    expect(tokens).toEqual(["b", "😀", "[UNK]", "[UNK]"]);
    expect([...offsets]).toEqual([0, 1, 1, 3, 3, 4, 4, 5]);
  });

  it("can be given as an alphabet instead", async () => {
    const tokenizer = await trainTokenizer({ name: "characters", alphabet: "ACGTN", uppercase: true }, []);
    expect([...tokenizer.encode("AcGx").ids]).toEqual([5, 6, 7, 1]);
  });
});
