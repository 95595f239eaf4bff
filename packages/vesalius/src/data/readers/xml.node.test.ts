import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import { readExamples } from "../dataset/index.ts";
import { kindsOf, open, refused } from "./readers.test.helper.ts";
import { recordElement, recordsOfXml } from "./xml-records.ts";

const makeParser = (): SaxesParser => new SaxesParser();

const question = (id: string, type: string, asked: string, answer: string): string =>
  `<Document id="${id}" source="NIH" url="https://example.org/${id}">
  <Focus>Asthma</Focus>
  <QAPairs><QAPair pid="1"><Question qid="${id}-1" qtype="${type}">${asked}</Question><Answer>${answer}</Answer></QAPair>
  <QAPair pid="2"><Question qid="${id}-2" qtype="causes">What causes it, &amp; why?</Question><Answer>Many things do.</Answer></QAPair></QAPairs>
</Document>`;

const citation = (pmid: number, abstract: string): string =>
  `<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">${pmid}</PMID><Article>
  <ArticleTitle>Effects of <i>TP53</i> loss</ArticleTitle><Abstract><AbstractText Label="AIM">${abstract}</AbstractText>
  <AbstractText Label="RESULTS">CO<sub>2</sub> rose.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>`;

describe("xml", () => {
  it("reads citations of PubMed: mixed text is one text, parts of an abstract are its lines", async () => {
    const set = `<?xml version="1.0"?><PubmedArticleSet>${citation(11, "To see.")}${citation(12, "To learn.")}</PubmedArticleSet>`;
    const { splits } = await open(
      { "pubmed24n0001.xml": set },
      {
        columns: { text: { kind: "texts", from: "MedlineCitation.Article.Abstract.AbstractText" } },
        allowMissingTrain: true,
      },
    );
    const [split] = Object.values(splits);
    const read = await readExamples(split!, ["text"], [0, 1]);
    expect(read.map(({ text }) => text)).toEqual(["To see.\nCO2 rose.", "To learn.\nCO2 rose."]);
    const [record] = recordsOfXml(set, "x", "PubmedArticle", makeParser);
    expect(record!.get("MedlineCitation.Article.ArticleTitle")).toBe("Effects of TP53 loss");
    expect(record!.get("MedlineCitation.PMID")).toBe("11");
  });

  it("reads one document a file, in folders, and gives every pair what the document says of all", async () => {
    const records = recordsOfXml(
      question("0001", "information", "What is it?", "A disease."),
      "x",
      "QAPair",
      makeParser,
    );
    expect(records.map((record) => Object.fromEntries(record))).toEqual([
      {
        pid: "1",
        Question: "What is it?",
        "Question.qid": "0001-1",
        "Question.qtype": "information",
        Answer: "A disease.",
        Focus: "Asthma",
        id: "0001",
        source: "NIH",
        url: "https://example.org/0001",
      },
      expect.objectContaining({ Question: "What causes it, & why?", "Question.qid": "0001-2", Focus: "Asthma" }),
    ]);
    const { splits } = await open(
      {
        "1_Cancer_QA/0001.xml": question("0001", "information", "What is it?", "A disease."),
        "2_GARD_QA/0002.xml": question("0002", "symptoms", "What are the signs?", "Cough and wheeze."),
      },
      { columns: { text: { kind: "texts", from: "Question" } }, idColumn: "Question.qid", allowMissingTrain: true },
    );
    const [split] = Object.values(splits);
    expect(split).toMatchObject({ length: 4, ids: ["0001-1", "0001-2", "0002-1", "0002-2"] });
    expect(kindsOf(split)).toEqual({ text: "texts" });
  });

  it("takes the shallowest element that repeats for a record", () => {
    const text = "<all><head><x>1</x></head><case><t>a</t><t>b</t></case><case><t>c</t></case></all>";
    expect(recordElement(text, "x", makeParser)).toBe("case");
    expect(recordsOfXml(text, "x", "case", makeParser).map((record) => record.get("t"))).toEqual([["a", "b"], "c"]);
  });

  it.each([
    ["cut off", "<all><case>Ann Smith</case><case>Bo", /not well-formed XML/],
    ["without a record", "<all><case>Ann Smith</case></all>", /no element of the XML repeats/],
    ["nested without end", "<a>".repeat(200), /nested more than 100 deep/],
    [
      "with entities of its own",
      '<!DOCTYPE all [<!ENTITY a "Ann Smith"><!ENTITY b "&a;&a;">]><all><case>&b;</case><case>&b;</case></all>',
      /not well-formed XML/,
    ],
  ])("refuses XML that is %s, and repeats nothing of it", async (_, text, message) => {
    const error = await refused({ "x.xml": text }, { reader: "xml", allowMissingTrain: true });
    expect(error).toMatchObject({ code: "bad-data" });
    expect(error.message).toMatch(message);
    expect(`${error.message} ${error.fix}`).not.toMatch(/Ann|Smith/);
  });

  it("says which element of a record it did not find", async () => {
    const error = await refused(
      { "x.xml": "<all><case>1</case><case>2</case></all>" },
      { record: "article", allowMissingTrain: true },
    );
    expect(error.message).toContain('no element "article"');
  });
});
