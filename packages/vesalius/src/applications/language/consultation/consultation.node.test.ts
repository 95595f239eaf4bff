import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDataset } from "../../../data/index.node.ts";
import { consult } from "./consult.ts";
import { consultationEntry } from "./consultation.node.ts";
import { addToIndex, openPassageIndex } from "./index-files.node.ts";
import type { SourceDocument } from "./passage.ts";
import { PassageIndex } from "./passage-index.ts";
import { fitSupport } from "./support.ts";

const asthma: SourceDocument = {
  id: "asthma",
  title: "Asthma",
  text: "Asthma narrows the airways. The symptoms of asthma are wheezing, coughing and a tight chest. Inhalers open the airways again.",
  source: "NIH",
  date: "2024-05-31",
};
const gout: SourceDocument = {
  id: "gout",
  title: "Gout",
  text: "Gout is a form of arthritis. Uric acid builds up and forms crystals in a joint. Gout is treated with medicines that lower uric acid.",
  source: "CDC",
};

describe("consult", () => {
  const open = () => consult({ index: new PassageIndex([asthma, gout]) });

  it("quotes the words of a document as they stand, with source and date", async () => {
    const { status, quotes, notice } = await open().respond({ question: "What are the symptoms of asthma?" });
    expect(status).toBe("answered");
    expect(quotes[0]).toMatchObject({ document: "asthma", source: "NIH", date: "2024-05-31" });
    expect(quotes[0]!.text).toContain("wheezing");
    expect(asthma.text.slice(quotes[0]!.start, quotes[0]!.end)).toBe(quotes[0]!.text);
    expect(notice).toContain("not medical advice");
  });

  it.each(["What are the symptoms of malaria?", "xyzzy plugh", "Who won the world cup?", "疟疾怎么治疗？"])(
    "declines %s, which the index says nothing of",
    async (question) => {
      expect(await open().respond({ question })).toMatchObject({ status: "declined", quotes: [] });
    },
  );

  it("remembers what the conversation is about", async () => {
    const first = await open().respond({ question: "What is gout?" });
    const second = await open().respond({ question: "How is it treated?", conversation: first.conversation });
    expect(second).toMatchObject({ status: "answered", understood: "Gout: How is it treated?" });
    expect(second.quotes[0]!.text).toContain("medicines that lower uric acid");
    const third = await open().respond({
      question: "And what are the symptoms of asthma?",
      conversation: second.conversation,
    });
    expect(third.quotes[0]!.document).toBe("asthma");
    expect(third.conversation).toHaveLength(3);
    expect(await open().respond({ question: "How is it treated?" })).toMatchObject({ status: "declined" });
  });

  it.each([
    ["I have crushing chest pain since this morning", "heart attack"],
    ["My father's face is drooping and he cannot speak", "stroke"],
    ["my son swallowed bleach, what now", "poisoning"],
    ["I want to kill myself", "suicide"],
    ["我父亲突然胸痛", "heart attack"],
    ["孩子喘不过气怎么办", "breathing"],
  ])("shows what to do first for: %s", async (question, sign) => {
    const { emergencies } = await open().respond({ question });
    expect(emergencies.map((one) => one.sign)).toContain(sign);
    expect(emergencies[0]!.notice).toMatch(/call|help/);
  });

  it.each(["What are the symptoms of a heart attack?", "What causes gout?", "How is asthma treated?"])(
    "alarms nobody who asks: %s",
    async (question) => expect((await open().respond({ question })).emergencies).toEqual([]),
  );

  it("refuses a question without words", async () => {
    await expect(open().respond({ question: "  " })).rejects.toMatchObject({ code: "bad-argument" });
  });
});

describe("an index on disk", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "vesalius-index-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("grows, replaces documents of the same name, and answers as the one in memory", async () => {
    expect(await addToIndex(folder, [asthma])).toMatchObject({ added: 1, replaced: 0 });
    expect(
      await addToIndex(folder, [gout, { ...asthma, text: `${asthma.text} Smoke makes asthma worse.` }]),
    ).toMatchObject({
      added: 1,
      replaced: 1,
    });
    const { index } = await openPassageIndex(folder);
    expect(index.documents.map(({ id }) => id)).toEqual(["asthma", "gout"]);
    const application = await consultationEntry.create({ index: folder, quotes: 3, threshold: 0.05 });
    const response = await application.respond({ question: "What makes asthma worse?" });
    expect(response.quotes[0]!.text).toContain("Smoke makes asthma worse");
    expect(consultationEntry.show(response)).toMatch(/"[^"]*Smoke makes asthma worse\.".*NIH, 2024-05-31/s);
    await application.release();
  });

  it("is refused when a document was changed, and keeps what it had when one has no text", async () => {
    await addToIndex(folder, [asthma]);
    await expect(addToIndex(folder, [{ id: "x", text: " " }])).rejects.toMatchObject({ code: "bad-data" });
    expect((await openPassageIndex(folder)).index.documents).toHaveLength(1);
    const file = join(folder, "documents-00001.jsonl");
    await writeFile(file, (await readFile(file, "utf8")).replace("wheezing", "sneezing"));
    await expect(openPassageIndex(folder)).rejects.toMatchObject({ code: "bad-file", where: file });
  });
});

const medquad = join(process.env["VESALIUS_DATA"] ?? "", "open/medquad");

describe.skipIf(!existsSync(medquad))("MedQuAD (VESALIUS_DATA)", () => {
  it("answers what its index holds, declines what it does not, and quotes word for word", async () => {
    const { splits } = await openDataset(medquad);
    expect(Object.keys(splits)).toContain("validation");
    const lines = (file: string) => readFileSync(join(medquad, file), "utf8").trim().split("\n");
    const documents = lines("corpus.jsonl").map((line) => {
      const { _id, title, text } = JSON.parse(line) as { _id: string; title: string; text: string };
      return { id: _id, title, text };
    });
    const texts = new Map(
      lines("queries.jsonl").map((line) => {
        const { _id, text } = JSON.parse(line) as { _id: string; text: string };
        return [_id, text];
      }),
    );
    const questions = (split: string) => {
      const found = new Map<string, string[]>();
      for (const line of lines(`qrels/${split}.tsv`).slice(1)) {
        const [query, document] = line.split("\t") as [string, string];
        found.set(query, [...(found.get(query) ?? []), document]);
      }
      return [...found].map(([query, ids]) => ({ text: texts.get(query)!, documents: ids }));
    };
    const index = new PassageIndex(documents);
    const support = fitSupport(
      index,
      questions("train").filter((_, i) => i % 8 === 0),
    );
    const held = questions("val").filter((_, i) => i % 4 === 0);
    const titles = new Set(
      held.flatMap((one) => one.documents.map((id) => documents.find((it) => it.id === id)!.title)),
    );
    const outside = consult({ index: new PassageIndex(documents.filter(({ title }) => !titles.has(title))), support });
    const inside = consult({ index, support });
    let [answered, declined, right] = [0, 0, 0];
    for (const { text, documents: relevant } of held) {
      const response = await inside.respond({ question: text });
      for (const { document, start, end, text: quoted } of response.quotes)
        expect(documents.find(({ id }) => id === document)!.text.slice(start, end)).toBe(quoted);
      if (response.status === "answered") answered++;
      if (response.quotes.some(({ document }) => relevant.includes(document))) right++;
      if ((await outside.respond({ question: text })).status === "declined") declined++;
    }
    // The whole validation split is measured in benchmarks; this is a quarter of it.
    expect(answered / held.length).toBeGreaterThan(0.8);
    expect(declined / held.length).toBeGreaterThan(0.85);
    expect(right / answered).toBeGreaterThan(0.6);
  }, 240_000);
});
