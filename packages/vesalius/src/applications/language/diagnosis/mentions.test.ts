import { describe, expect, it } from "vitest";
import { readMentions } from "./mentions.ts";

const names = ["fever", "cough", "rash", "发烧", "咳嗽", "咳痰", "流涕"];
const said = (text: string) =>
  Object.fromEntries(readMentions([{ role: "patient", text }], names).map(({ name, state }) => [name, state]));

describe("readMentions", () => {
  it.each([
    ["She has fever and a cough", { fever: "present", cough: "present" }],
    ["No fever or cough, but a rash", { fever: "absent", cough: "absent", rash: "present" }],
    ["He doesn't have a cough. Fever since Monday.", { cough: "absent", fever: "present" }],
    ["He is feverish", {}],
    ["没有发烧，咳嗽两天了", { 发烧: "absent", 咳嗽: "present" }],
    ["孩子不停咳嗽，无流涕", { 咳嗽: "present", 流涕: "absent" }],
    ["不发烧但是咳嗽", { 发烧: "absent", 咳嗽: "present" }],
    ["No fever yesterday. Now a fever.", { fever: "present" }],
  ])("reads %s", (text, expected) => expect(said(text)).toEqual(expected));

  it("takes an answer for what was asked, the last word first", () => {
    const turns = (answer: string) =>
      readMentions(
        [
          { role: "patient", text: "发烧" },
          { role: "doctor", text: "有没有咳嗽、咳痰？" },
          { role: "patient", text: answer },
        ],
        names,
      ).filter(({ name }) => name !== "发烧");
    expect(turns("没有").map(({ name, state }) => [name, state])).toEqual([
      ["咳嗽", "absent"],
      ["咳痰", "absent"],
    ]);
    expect(turns("有一点咳痰").map(({ name, state }) => [name, state])).toEqual([
      ["咳嗽", "present"],
      ["咳痰", "present"],
    ]);
    expect(turns("不知道").map(({ state }) => state)).toEqual(["unknown", "unknown"]);
    expect(turns("孩子两岁")).toEqual([]);
  });

  it("does not take a doctor's words for the patient's", () => {
    expect(readMentions([{ role: "doctor", text: "Any fever?" }], names)).toEqual([]);
  });
});
