import { expect, test } from "vitest";
import { withoutPadding } from "./padding.ts";

test("tokens whose mask is 1 stay, on whichever side the padding stands", () => {
  const prompts = withoutPadding(
    [
      [0, 0, 5, 0],
      [7, 8, 0, 0],
    ],
    [
      [0, 0, 1, 1],
      [1, 1, 0, 0],
    ],
  );
  expect(prompts).toEqual([
    [5, 0],
    [7, 8],
  ]);
});

test("a mask of another shape is refused", () => {
  expect(() => withoutPadding([[1, 2]], [[1]])).toThrow(/2 tokens with a mask of 1 \(row 0\)/);
  expect(() => withoutPadding([[1, 2], [3]], [[1, 1]])).toThrow(/row 1/);
});
