import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { architectures } from "../architectures.ts";
import { createBackbone } from "../backbones.ts";
import type { RoleFacts } from "../network.ts";
import { patchWithin } from "./unet.ts";

const size = fc.integer({ min: 8, max: 4000 });
const examples = fc.integer({ min: 1, max: 1_000_000 });

/** Facts as they come from data of any size. */
const facts: Readonly<Record<string, fc.Arbitrary<RoleFacts>>> = {
  images: fc.record({
    kind: fc.constant("images"),
    examples,
    channels: fc.constantFrom(1, 3, 4),
    height: size,
    width: size,
  }),
  volumes: fc.record({
    kind: fc.constant("volumes"),
    examples,
    channels: fc.constantFrom(1, 2, 4),
    extents: fc.tuple(size, size, size),
  }),
  texts: fc.record({ kind: fc.constant("texts"), examples, longLength: size }),
  sequences: fc.record({ kind: fc.constant("sequences"), examples, longLength: size, alphabet: fc.constant("dna") }),
  molecules: fc.record({ kind: fc.constant("molecules"), examples, longLength: size }),
  expressions: fc.record({ kind: fc.constant("expressions"), examples, genes: size, expressed: size }),
  numbers: fc.record({ kind: fc.constant("numbers"), examples, numbers: fc.integer({ min: 1, max: 200 }) }),
};

/** Makes the network that a suggestion describes. */
function make(name: string, roles: Readonly<Record<string, RoleFacts>>) {
  const suggestion = architectures.entry(name).suggest!(roles)!;
  const { preset, settings } = suggestion;
  const { network } = createBackbone({ name, ...(preset === undefined ? {} : { preset }), ...settings });
  return { suggestion, network };
}

describe("suggestions", () => {
  it.each([
    ["vit", "image", ["images"]],
    ["nnunet", "image", ["images", "volumes"]],
    ["bert", "text", ["texts", "sequences", "molecules"]],
    ["geneTransformer", "expression", ["expressions"]],
    ["perceptron", "record", ["numbers"]],
  ])("of %s make a network for data of any size, with reasons for keys that are set", (name, role, kinds) => {
    fc.assert(
      fc.property(fc.oneof(...kinds.map((kind) => facts[kind]!)), (given) => {
        const { suggestion, network } = make(name, { [role]: given });
        expect(Object.keys(network.reads)).toEqual([role]);
        for (const key of Object.keys(suggestion.reasons))
          expect(key === "preset" || key in (suggestion.settings ?? {})).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [28, 28, 28],
    [448, 448, 112],
    [20, 24, [21, 24]],
    [480, 320, [168, 112]],
    [100, 900, [104, 195]],
  ])("of a vision transformer for images of %i x %i read %j", (height, width, imageSize) => {
    const { suggestion, network } = make("vit", { image: { kind: "images", examples: 9, channels: 1, height, width } });
    expect(suggestion.settings).toMatchObject({ imageSize });
    const [rows, columns] = Array.isArray(imageSize) ? imageSize : [imageSize, imageSize];
    expect(network.reads["image"]).toMatchObject({ height: rows, width: columns });
  });

  it("of the fusion make a tower for each input", () => {
    fc.assert(
      fc.property(facts["images"]!, facts["texts"]!, facts["numbers"]!, (film, question, record) => {
        const { network } = make("fusion", { film, question, record });
        expect(Object.keys(network.reads)).toEqual(["film", "question", "record"]);
        expect(network.optional).toEqual(["film", "question", "record"]);
      }),
      { numRuns: 20 },
    );
  });

  it("of two towers make one set of weights for texts on both sides, and none where no table is referred to", () => {
    fc.assert(
      fc.property(facts["texts"]!, facts["texts"]!, facts["images"]!, (query, passage, film) => {
        const entry = { ...passage, table: "relevant" };
        const { network, suggestion } = make("dualTower", { query, entry });
        expect(network.alike).toEqual([["query", "entry"]]);
        expect(suggestion.settings!["towers"]).toMatchObject({ query: { name: "bert" }, entry: { sameAs: "query" } });
        expect(make("dualTower", { film, entry }).network.alike ?? []).toEqual([]);
        expect(architectures.entry("dualTower").suggest!({ query, film })).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it.each(architectures.entries.filter((entry) => "suggest" in entry).map(({ name }) => name))(
    "of %s are none for data that it does not read",
    (name) => {
      expect(architectures.entry(name).suggest!({ sound: { kind: "signals", examples: 3 } })).toBeUndefined();
    },
  );

  it("give a patch that the strides divide and that fits", () => {
    fc.assert(
      fc.property(fc.array(size, { minLength: 2, maxLength: 3 }), (extents) => {
        const patch = patchWithin(extents, 8, 100_000);
        expect(patch.every((extent) => extent % 8 === 0 && extent > 0)).toBe(true);
        expect(patch.reduce((product, extent) => product * extent, 1)).toBeLessThanOrEqual(100_000);
        patch.forEach((extent, axis) => expect(extent).toBeLessThan(extents[axis]! + 8));
      }),
    );
    expect(patchWithin([35, 51, 35], 8, 100_000)).toEqual([40, 56, 40]);
  });
});
