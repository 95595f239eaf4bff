import { describe, expect, it } from "vitest";
import { sampleColumns, splitOf } from "../columns/columns.test.helper.ts";
import { classesColumn, imagesColumn, sequencesColumn, textsColumn } from "../columns/constructors.ts";
import { findLeaks, leakageError } from "./leakage.ts";

const long = "The patient was admitted with chest pain and shortness of breath.";
const leaked = (train: Parameters<typeof splitOf>[0], test: Parameters<typeof splitOf>[0]): number[] =>
  findLeaks(splitOf(train), splitOf(test, { name: "test" })).map(({ index }) => index);

describe("findLeaks", () => {
  it("finds groups, and leaves their values out of the message", () => {
    const train = splitOf({ label: classesColumn(["a"], [0, 0]) }, { groups: ["Ann Other", "B"] });
    const test = splitOf({ label: classesColumn(["a"], [0]) }, { name: "test", groups: ["Ann Other"] });
    const leaks = findLeaks(train, test);
    expect(leaks).toEqual([
      { reason: "group", index: 0, match: 0, ids: ["train/0", "test/0"], splits: ["train", "test"] },
    ]);
    const error = leakageError(leaks, "set", "patients");
    expect(error.message).toContain("1 patients of one split share");
    expect(error.message).not.toContain("Ann");
  });

  it("takes long texts for the same whatever their case and spaces, and short ones for chance", () => {
    const train = { text: textsColumn([long, "Is there a fracture?", null]) };
    expect(
      leaked(train, { text: textsColumn([long.toUpperCase().replace(" ", "\n "), "Is there a fracture?", null]) }),
    ).toEqual([0]);
  });

  it("counts ideographs as words", () => {
    const text = textsColumn(["患者因胸痛入院治疗"]);
    expect(leaked({ text }, { text })).toEqual([0]);
  });

  it("wants all texts and sequences of an example to agree", () => {
    const first = sequencesColumn("protein", ["MKV", "MKV"]);
    expect(
      leaked(
        { first, second: sequencesColumn("protein", ["AAA", "CCC"]) },
        {
          first: sequencesColumn("protein", ["MKV"]),
          second: sequencesColumn("protein", ["CCC"]),
        },
      ),
    ).toEqual([1]);
  });

  it("lets one image or one cell say so alone", () => {
    const size = { channels: 1, height: 1, width: 1 };
    const image = imagesColumn(Uint8Array.of(1, 2), size, ["h1", "h2"]);
    const leaks = findLeaks(
      splitOf({ image, text: textsColumn(["What is this?", long]) }),
      splitOf({ image: imagesColumn(Uint8Array.of(2), size, ["h2"]), text: textsColumn(["other"]) }, { name: "test" }),
    );
    expect(leaks).toMatchObject([{ index: 1, column: "image", reason: "identical content" }]);
    // A question that many images have.
    const asked = textsColumn([long]);
    expect(
      leaked(
        { image: imagesColumn(Uint8Array.of(1), size, ["h1"]), asked },
        { image: imagesColumn(Uint8Array.of(2), size, ["h2"]), asked },
      ),
    ).toEqual([]);
    expect(leaked({ cell: sampleColumns.expressions }, { cell: sampleColumns.expressions })).toEqual([0, 2, 3]);
  });

  it("never takes equal classes or numbers for leakage", () => {
    const same = { label: sampleColumns.classes, value: sampleColumns.numbers, when: sampleColumns.events };
    expect(leaked(same, same)).toEqual([]);
  });
});
