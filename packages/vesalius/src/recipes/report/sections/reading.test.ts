import { describe, expect, it } from "vitest";
import type { StageRecord } from "../../stages/records.ts";
import { formatNumber } from "../../../report/format.ts";
import { readingSections } from "./reading.ts";

const record = (kind: StageRecord["kind"], stage: string, counts: StageRecord["counts"]): StageRecord =>
  ({ kind, stage, counts, split: "validation" }) as StageRecord;

const rowsOf = (stages: readonly StageRecord[]) =>
  readingSections(stages).flatMap((section) => (section.kind === "table" ? section.rows : []));

describe("what was read of the examples", () => {
  const cut = { text: { tokens: 4000, truncatedTexts: 2, truncatedTokens: 31 } };

  it("is one row for stages that read the same, and says what was cut in words", () => {
    expect(
      rowsOf([
        record("adaptation", "adaptation/scratch-seed1", cut),
        record("adaptation", "adaptation/lora-seed1", cut),
        record("evaluation", "evaluation/scratch-seed1", { text: { tokens: 20, truncatedTexts: 0 } }),
      ]),
    ).toEqual([
      ["adaptation", "text", `tokens ${formatNumber(4000, 0)}, truncated texts 2, truncated tokens 31`],
      ["evaluation on validation", "text", "tokens 20, truncated texts 0"],
    ]);
  });

  it("names stages that read something else than others of their kind", () => {
    const other = { text: { tokens: 5 } };
    expect(
      rowsOf([
        record("pretraining", "pretraining/seed1", cut),
        record("pretraining", "pretraining/seed2", other),
        record("pretraining", "pretraining/seed3", other),
      ]).map(([stages]) => stages),
    ).toEqual(["pretraining/seed1", "pretraining/seed2, pretraining/seed3"]);
  });

  it("leaves out points of studies and parts of which nothing is told", () => {
    expect(readingSections([record("point", "studies/x", cut), record("adaptation", "a", { image: {} })])).toEqual([]);
  });
});
