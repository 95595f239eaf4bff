import { describe, expect, it } from "vitest";
import type { ChatModel } from "../../../generation/index.ts";
import { generateReport } from "./generate-report.ts";
import { chatWriter } from "./model-writers.ts";
import { mtsDialogTemplate } from "./mts-template.ts";
import { noteSentences } from "./note-sentences.ts";
import type { PairJudge } from "./pair-judge.ts";
import { turnsOf } from "./request.ts";
import { cueSections } from "./sections.ts";
import { noteTemplate } from "./template.ts";
import { answeredOfPatient, statedOfPatient } from "./third-person.ts";

const transcript = [
  "Doctor: Hello, what brings you in today?",
  "Patient: I've been having a bad headache for three days.",
  "Doctor: Any drug allergies?",
  "Patient: Yes, I'm allergic to penicillin.",
  "Doctor: Do you smoke cigarettes?",
  "Patient: No.",
].join("\n");

/** A language model that always says the same, and remembers what it was asked. */
function saying(text: string): ChatModel & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: "recorded",
    asked,
    async complete(messages) {
      asked.push(messages.map(({ content }) => content).join("\n"));
      return { text, finish: "end", usage: { promptTokens: null, completionTokens: null } };
    },
    release: async () => {},
  };
}

describe("without a model", () => {
  it("writes what was said in the third person, in sections, each sentence with its turns", async () => {
    const { sections, source, counts, unused } = await generateReport().respond({ transcript });
    const byName = new Map(sections.map(({ name, sentences }) => [name, sentences]));
    expect(byName.get("ALLERGY")).toMatchObject([
      { text: "Reports drug allergies.", sources: ["T3", "T4"], supported: true },
      { text: "The patient is allergic to penicillin.", sources: ["T3", "T4"], supported: true },
    ]);
    expect(byName.get("FAM/SOCHX")).toMatchObject([
      { text: "The patient does not smoke cigarettes.", sources: ["T5", "T6"] },
    ]);
    expect(byName.get("CC")![0]!.text).toBe("The patient has been having a bad headache for three days.");
    expect(source[1]).toEqual({ id: "T2", kind: "turn", speaker: "Patient", text: expect.any(String) as string });
    expect(counts).toEqual({ sentences: 4, supported: 4, omitted: 0 });
    expect(unused).toEqual([]);
  });

  it("writes findings and codes into the sections that they name", async () => {
    const { sections } = await generateReport().respond({
      findings: [{ name: "Hemoglobin", value: 9.1, unit: "g", section: "LABS" }],
      codes: [{ code: "E11", system: "ICD-10", display: "Type 2 diabetes", section: "DIAGNOSIS" }],
    });
    expect(sections.map(({ name, sentences }) => [name, sentences[0]!.text, sentences[0]!.sources])).toEqual([
      ["LABS", "Hemoglobin: 9.1 g.", ["F1"]],
      ["DIAGNOSIS", "Type 2 diabetes.", ["C1"]],
    ]);
  });

  it("says what it left out", async () => {
    const { cautions, unused } = await generateReport().respond({
      findings: [
        { name: "Rash", section: "EXAM" },
        { name: "Sodium", value: 140, section: "LABS" },
      ],
      sections: ["EXAM"],
    });
    expect(cautions.join()).toMatch(/1 exchanges or items belong to none of the sections/);
    expect(unused).toEqual(["F2"]);
  });
});

describe("with a language model", () => {
  const invented =
    "- Dr. Lee prescribed penicillin 500 mg.\n- The patient smokes cigarettes.\n- Headache for three days.";
  const open = (unsupported: "mark" | "omit", chat = saying(`<think>hm</think>\n${invented}`)) =>
    generateReport({ writer: chatWriter(chat), unsupported });

  it("is asked with what was said, and what it invents is marked", async () => {
    const chat = saying(invented);
    const { sections, prompts } = await open("mark", chat).respond({ transcript, sections: ["GENHX"] });
    expect(sections[0]!.sentences.map(({ flags }) => flags.map(({ kind }) => kind))).toEqual([
      ["dose", "words"],
      ["negation"],
      [],
    ]);
    expect(chat.asked).toEqual([prompts[0]!.messages.map(({ content }) => content).join("\n")]);
    expect(chat.asked[0]).toContain("Patient: I've been having a bad headache for three days.");
    expect(chat.asked[0]).toContain("History of present illness");
  });

  it("is left out of the note where it is to be, and still listed with the reason", async () => {
    const { sections, counts } = await open("omit").respond({ transcript, sections: ["GENHX"] });
    expect(sections[0]!.sentences.map(({ text }) => text)).toEqual(["Headache for three days."]);
    expect(sections[0]!.omitted).toHaveLength(2);
    expect(counts).toEqual({ sentences: 3, supported: 1, omitted: 2 });
  });

  it("is judged by a trained model too, which clears words but never numbers", async () => {
    const judge = (supports: number, contradicts: number): PairJudge => ({
      judge: async (pairs) => pairs.map(() => ({ supports, contradicts })),
      release: async () => {},
    });
    const flagsWith = async (text: string, one: PairJudge) => {
      const application = generateReport({ writer: chatWriter(saying(text)), judge: one });
      const { sections } = await application.respond({ transcript, sections: ["CC"] });
      return sections[0]!.sentences[0]!.flags.map(({ kind }) => kind);
    };
    expect(await flagsWith("Cephalalgia persisting moderately.", judge(0.1, 0))).toEqual(["words"]);
    expect(await flagsWith("Cephalalgia persisting moderately.", judge(0.9, 0))).toEqual([]);
    expect(await flagsWith("Headache for three days.", judge(0.1, 0.8))).toEqual(["model"]);
    expect(await flagsWith("Headache for 5 days.", judge(1, 0))).toEqual(["number"]);
  });
});

describe("what cannot be answered is refused", () => {
  it.each([
    [{}, /nothing to write/],
    [{ transcript: "no speaker here" }, /does not say who speaks.*line 1/],
    [{ transcript, turns: [{ speaker: "Doctor", text: "Hi" }] }, /as turns and as a transcript/],
    [{ transcript, sections: ["NOWHERE"] }, /no section of the asked name/],
    [{ findings: [{ name: "Rash", section: "NOWHERE" }] }, /no section of the asked name/],
    [{ transcript, colour: "red" }, /colour/],
  ])("%j", async (request, message) => {
    await expect(generateReport().respond(request as never)).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    [{ name: "x", sections: [] }, /sections/],
    [{ name: "x", sections: [{ name: "A" }, { name: "A" }] }, /occurs twice/],
    [{ name: "x", sections: [{ name: "A" }], otherwise: "B" }, /no section B/],
    [{ name: "x", sections: [{ name: "A", hints: ["a"] }] }, /hints/],
  ])("a template %j", (template, message) => expect(() => noteTemplate(template)).toThrow(message));
});

describe("parts", () => {
  it("reads lines without a speaker as a part of the turn before", () => {
    expect(turnsOf("Doctor: Any\nfever?\n\nPatient：No.")).toMatchObject([
      { text: "Any fever?" },
      { speaker: "Patient" },
    ]);
  });

  it("says statements of patients and clinicians in the third person", () => {
    expect(statedOfPatient("Well, I don't think I have a fever.", "i")).toBe(
      "The patient does not think they have a fever.",
    );
    expect(statedOfPatient("I'm going to order your labs.", "you")).toBe("Will order their labs.");
    expect(answeredOfPatient("Have you had any surgeries?", "Yes.")).toBe("The patient has had surgeries.");
    expect(answeredOfPatient("Which drugs?", "Yes.")).toBeUndefined();
  });

  it("does not break sentences behind titles, and takes marks of lists away", () => {
    expect(noteSentences("1. Seen by Dr. Lee. Stable.\n- No fever.")).toEqual([
      "Seen by Dr. Lee.",
      "Stable.",
      "No fever.",
    ]);
  });

  it("chooses sections by what is asked about", async () => {
    const names = await cueSections(mtsDialogTemplate).choose([
      "Any drug allergies?",
      "Do you smoke or drink alcohol?",
      "Hm",
    ]);
    expect(names).toEqual(["ALLERGY", "FAM/SOCHX", "GENHX"]);
  });
});
