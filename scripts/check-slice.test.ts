import { describe, expect, it } from "vitest";
import { checkSlice } from "./check-slice.mjs";

const src = (path: string): string => `packages/vesalius/src/${path}`;

describe("checkSlice", () => {
  it("passes a part that adds its files and its lines in catalogues", () => {
    const { parts, general } = checkSlice([
      { status: "A", path: src("tasks/counting.ts") },
      { status: "A", path: src("tasks/counting.test.ts") },
      { status: "A", path: src("evaluation/counting/counting.ts") },
      { status: "M", path: src("tasks/tasks.ts") },
      { status: "M", path: src("evaluation/index.ts") },
      { status: "M", path: "docs/recipes.md" },
    ]);
    expect(parts).toEqual([src("tasks/counting.ts"), src("evaluation/counting/counting.ts")]);
    expect(general).toEqual([]);
  });

  it.each([
    src("recipes/resolve.ts"),
    src("adaptation/adapt.ts"),
    src("pretraining/pretrain.ts"),
    src("evaluation/statistics/bootstrap.ts"),
    src("evaluation/evaluate.ts"),
    src("data/loaders/feed-maker.ts"),
    "packages/cli/src/commands/predict.ts",
  ])("names %s when a part needs it edited", (path) => {
    const added = { status: "A", path: src("data/encoders/waves.ts") };
    expect(checkSlice([added, { status: "M", path }]).general).toEqual([path]);
    // The same edit in a change of its own is how an interface is mended.
    expect(checkSlice([{ status: "M", path }]).general).toEqual([]);
  });
});
