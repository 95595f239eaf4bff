/** An index is made of documents, grows, and answers questions with words of them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFolder, objectOn, vesalius } from "./command-line.test.helper.ts";

const line = (id: string, title: string, text: string): string =>
  `${JSON.stringify({ id, title, text, source: "Health service", date: "2024-05-31" })}\n`;

describe("apply consultation", () => {
  let folder: string;
  const index = (): string => join(folder, "index");

  beforeAll(async () => {
    folder = await makeFolder();
    await writeFile(
      join(folder, "first.jsonl"),
      line(
        "1",
        "Asthma",
        "Asthma narrows the airways of the lungs. The symptoms of asthma are wheezing and coughing.",
      ) + line("2", "Gout", "Gout is a painful form of arthritis. It comes from crystals of uric acid in the joints."),
    );
    await writeFile(
      join(folder, "second.jsonl"),
      line("3", "Measles", "Measles is a viral infection. A rash spreads over the whole body."),
    );
    for (const name of ["first", "second"])
      objectOn(await vesalius("index", join(folder, `${name}.jsonl`), "--out", index(), "--json"));
  });

  it("quotes with source and date, as JSON and for people", async () => {
    const asked = ["apply", "consultation", "What are the symptoms of asthma?", "--set", `index=${index()}`];
    const response = objectOn(await vesalius(...asked, "--json"));
    expect(response).toMatchObject({
      status: "answered",
      quotes: [{ document: "1", source: "Health service", date: "2024-05-31" }],
    });
    const { stdout } = await vesalius(...asked);
    expect(stdout).toContain("wheezing and coughing");
    expect(stdout).toContain("[1] Asthma, Health service, 2024-05-31, 1");
    expect(stdout).toContain("not medical advice");
  });

  it("finds what was added later, and declines what is not there", async () => {
    const ask = async (question: string) =>
      objectOn(await vesalius("apply", "consultation", question, "--set", `index=${index()}`, "--json"));
    expect(await ask("What is measles?")).toMatchObject({ status: "answered", quotes: [{ document: "3" }] });
    expect(await ask("What is malaria?")).toMatchObject({ status: "declined", quotes: [] });
  });

  it("says what is wrong in terms of its flags", async () => {
    const without = await vesalius(
      "apply",
      "consultation",
      "What is gout?",
      "--set",
      `index=${join(folder, "none")}`,
      "--json",
    );
    expect(without.code).not.toBe(0);
    expect(JSON.stringify(objectOn(without))).toContain("missing-file");
    const misspelt = await vesalius("apply", "consultation", "What?", "--set", "indx=x", "--json");
    expect(JSON.stringify(objectOn(misspelt))).toContain("indx");
  });
});

describe("apply report-generation", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await makeFolder();
    await writeFile(
      join(folder, "visit.json"),
      JSON.stringify({
        turns: [
          { speaker: "Doctor", text: "Any drug allergies?" },
          { speaker: "Patient", text: "Yes, I am allergic to penicillin." },
        ],
      }),
    );
  });

  it("writes a note from a file, each sentence with its turns", async () => {
    const asked = ["apply", "report-generation", "--request", join(folder, "visit.json")];
    const response = objectOn(await vesalius(...asked, "--json"));
    expect(response).toMatchObject({
      sections: [{ name: "ALLERGY", sentences: [{ sources: ["T1", "T2"] }, { sources: ["T1", "T2"] }] }],
    });
    const { stdout } = await vesalius(...asked);
    expect(stdout).toContain("The patient is allergic to penicillin. [T1, T2]");
    expect(stdout).toContain("[T2] Patient: Yes, I am allergic to penicillin.");
  });

  it("says what is wrong in terms of its flags", async () => {
    const typed = await vesalius("apply", "report-generation", "some", "words", "--json");
    expect(JSON.stringify(objectOn(typed))).toContain("--request");
    const marked = ["--with", "transcript=Doctor: Hm.", "--set", "unsupported=hide", "--json"];
    expect(JSON.stringify(objectOn(await vesalius("apply", "report-generation", ...marked)))).toContain("unsupported");
  });
});
