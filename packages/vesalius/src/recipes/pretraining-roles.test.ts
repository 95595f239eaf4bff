import { expect, test } from "vitest";
import { textsColumn } from "../data/index.ts";
import { backbonesOf } from "../models/index.ts";
import { bertArchitecture } from "../models/language/bert-architecture.ts";
import { prepare } from "../tasks/index.ts";
import { splitOf } from "../tasks/learning.test.helper.ts";
import { builtIn } from "./catalogues.ts";
import { afterPretraining, pretrainingStart } from "./pretraining-roles.ts";
import { resolveBackbone, resolveRoles } from "./resolve/backbone.ts";

const start = {
  ...backbonesOf(bertArchitecture)(
    { width: 16, depth: 1, heads: 2, hiddenWidth: 32, maximumPositions: 64 },
    { encoders: { text: { tokenizer: { name: "words" }, pair: true, lengths: [64] } } },
  ),
  columns: { text: ["question", "context"] },
};
const roles = { inputs: { text: ["body"] }, encoders: { text: { pair: false, lengths: [16, 32], addSpecial: false } } };

test("pretraining reads other columns in its own way, and the task reads its own with what was fitted", async () => {
  const own = pretrainingStart(start, roles);
  expect(own.columns).toEqual({ text: ["body"] });
  const fitted = await prepare(own, splitOf("train", { body: textsColumn(["one two two", "two one three"]) }));
  const { tokenizer } = fitted.preparation["text"]!;
  expect(fitted.preparation["text"]).toMatchObject({ pair: false, lengths: [16, 32], addSpecial: false });
  const after = afterPretraining(fitted, start, roles);
  expect(after.columns).toEqual(start.columns);
  expect(after.preparation!["text"]).toMatchObject({ name: "tokens", pair: true, lengths: [64], tokenizer });
  // What the backbone says nothing of is a default again.
  expect(after.preparation!["text"]).not.toHaveProperty("addSpecial");
  const again = pretrainingStart(after, roles);
  expect(again.preparation!["text"]).toMatchObject({ pair: false, lengths: [16, 32], addSpecial: false, tokenizer });
  expect(pretrainingStart(start, {})).toBe(start);
  expect(afterPretraining(fitted, start, {})).toBe(fitted);
});

test("refuses roles and settings that there are not", () => {
  const backbone = resolveBackbone({ name: "bert", preset: "nano" }, builtIn);
  const at = ["pretraining"];
  expect(() => resolveRoles({ inputs: { image: "film" } }, backbone, builtIn, at)).toThrow(
    /pretraining\.inputs\.image/,
  );
  expect(() => resolveRoles({ encoders: { text: { pairs: true } } }, backbone, builtIn, at)).toThrow(
    /pretraining\.encoders\.text/,
  );
  expect(resolveRoles({ inputs: { text: "body" } }, backbone, builtIn, at)).toEqual({ inputs: { text: ["body"] } });
});
