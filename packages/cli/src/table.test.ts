import { describe, expect, it } from "vitest";
import { formatPairs, formatTable } from "./table.ts";

describe("formatTable", () => {
  it("pads text to the left and numbers to the right", () => {
    expect(
      formatTable(
        ["split", "images"],
        [
          ["train", 1200],
          ["validation", 40],
        ],
      ),
    ).toBe(["split       images", "train         1200", "validation      40"].join("\n"));
  });

  it("treats a column with a word as text", () => {
    expect(
      formatTable(
        ["a", "b"],
        [
          ["x", 1],
          ["y", "–"],
        ],
      ),
    ).toBe("a  b\nx  1\ny  –");
  });

  it("shows a head without rows", () => {
    expect(formatTable(["a", "b"], [])).toBe("a  b");
  });
});

describe("formatPairs", () => {
  it("aligns the values", () => {
    expect(
      formatPairs([
        ["Name", "x"],
        ["Licence", "CC0"],
      ]),
    ).toBe("Name     x\nLicence  CC0");
  });
});
