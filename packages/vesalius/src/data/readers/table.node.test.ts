import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { type OpenDatasetOptions } from "../open-dataset.node.ts";
import { type Files, greys, kindsOf, labelsOf, open, refused } from "./readers.test.helper.ts";

describe("table", () => {
  const survival = "time,event,age,sex,stage,split\n3.5,1,60,f,II,train\n2,0,,m,I,train\n9,1,50,f,II,val\n";

  it("finds times to event, covariates and categories", async () => {
    const { splits, unit } = await open({ "patients.csv": survival });
    expect(unit).toBe("patients");
    expect(kindsOf(splits["train"])).toEqual({ event: "events", covariates: "numbers", categories: "categories" });
    expect(await readExamples(splits["train"]!, ["event", "covariates", "categories"], [1])).toEqual([
      { event: { time: 2, observed: false }, covariates: Float32Array.of(Number.NaN), categories: Int32Array.of(1, 0) },
    ]);
    expect(columnOf(splits["validation"]!, "categories", "categories").levels).toEqual([
      ["f", "m"],
      ["I", "II"],
    ]);
    expect(splits["train"]!.attributes).toEqual({ age: [60, null], sex: ["f", "m"], stage: ["II", "I"] });
  });

  it("takes numbers beside a molecule for what was measured, and keeps scaffolds together", async () => {
    const one = await open({
      "x.csv":
        "smiles,logS,scaffold,split\nCCO,-0.7,,train\nc1ccccc1,-2.5,c1ccccc1,train\nCc1ccccc1,-3,c1ccccc1C,val\n",
    });
    expect(columnOf(one.splits["train"]!, "label", "numbers")).toMatchObject({ names: ["logS"], length: 2 });
    expect(columnOf(one.splits["validation"]!, "molecule", "molecules").values).toEqual(["Cc1ccccc1"]);
    const many = await open({
      "x.csv": "mol_id,smiles,A,B,split\nm1,CCO,1.0,,train\nm2,CC,0.0,1.0,train\nm3,C,0,0,test\n",
    });
    expect(columnOf(many.splits["train"]!, "label", "labels").values).toEqual(Int8Array.of(1, -1, 0, 1));
    expect(many.splits["train"]!.ids).toEqual(["m1", "m2"]);
    const scaffold = { "dataset.json": '{"name":"x","groupingKey":"scaffold (Murcko)"}' };
    const leak = "smiles,y,scaffold,split\nCCO,1,s,train\nCC,0,s,val\n";
    expect((await refused({ ...scaffold, "x.csv": leak })).code).toBe("data-leakage");
    const rings = "smiles,y,scaffold,split\nCCO,1,c1ccc2ccccc2c1,train\nCC,0,O=c1ccn2c3c(c(N4CCNCC4)ccc13)OCC2,train\n";
    const grouped = (await open({ ...scaffold, "x.csv": rings })).splits["train"]!;
    expect(Object.keys(grouped.columns)).toEqual(["molecule", "label"]);
  });

  it("reads sequences with the alphabet of their letters", async () => {
    const protein = await open({
      "x.csv": "sequence,target,set,validation\nMKV,1.5,train,False\nMKL,2.5,train,True\nMKW,3,test,False\n",
    });
    expect(Object.keys(protein.splits)).toEqual(["train", "validation", "test"]);
    expect(columnOf(protein.splits["train"]!, "sequence", "sequences").alphabet).toBe("protein");
    const dna = await open({ "x.csv": "id,seq,label,split\na,ACGTNN,ei,train\nb,acgtac,n,train\n" });
    expect(columnOf(dna.splits["train"]!, "sequence", "sequences")).toMatchObject({
      alphabet: "dna",
      values: ["ACGTNN", "ACGTAC"],
    });
  });

  it("reads columns as they are declared, and records that are asked for only", async () => {
    const files = {
      "train.csv": "q,a,kind\nWhere?,Left lung,open\nIs it?,Yes,closed\nIs it not?,yes,closed\n",
      "val.csv": "q,a,kind\nIs this?,No,closed\n",
    };
    const { splits, card } = await open(files, {
      only: { kind: "closed" },
      columns: {
        question: { kind: "texts", from: "q" },
        label: { kind: "classes", from: "A", foldCase: true, others: "class" },
      },
    });
    expect(kindsOf(splits["train"])).toEqual({ question: "texts", label: "classes" });
    expect(columnOf(splits["validation"]!, "label", "classes")).toMatchObject({
      names: ["yes", "(other)"],
      values: Int32Array.of(1),
    });
    expect(card.cautions.join(" ")).toContain("Of 4 records the 3");
  });

  it("tells files that count from 0 apart, and names what nothing was read from", async () => {
    const { splits, card } = await open({
      "train.csv": "ID,text,code\n0,one,a1\n1,two,b2\n",
      "val.csv": "ID,text,code\n0,three,c3\n",
    });
    expect(splits["validation"]!.ids).toEqual(["validation/0"]);
    expect(card.cautions).toEqual([]);
  });

  it.each([
    ["a column that is not there", { "x.csv": survival }, { target: "grade" }, 'no column "grade"'],
    ["a number that is none", { "x.csv": survival }, { columns: { n: { kind: "numbers", from: "stage" } } }, "row 1"],
    [
      "a missing event",
      { "x.csv": "time,event\n1,1\n2,\n" },
      { columns: { e: { kind: "events", time: "time", event: "event" } } },
      "row 2",
    ],
    ["a negative time", { "x.csv": "time,event\n-1,1\n2,0\n" }, {}, "row 1"],
    [
      "a letter outside the alphabet",
      { "x.csv": "s\nACGT\nACGZ\n" },
      { columns: { s: { kind: "sequences", from: "s", alphabet: "dna" } } },
      "position 4",
    ],
    [
      "an unknown label",
      { "x.csv": "t,label\na,x\nb,y\n" },
      { columns: { label: { kind: "classes", from: "label", names: ["x"] } } },
      "row 2",
    ],
    ["a repeated id", { "x.csv": "id,text,split\n1,a,train\n1,b,train\n" }, {}, "same id"],
    [
      "a class that training lacks",
      { "x.csv": "text,label,split\na,x,train\nb,y,val\nc,y,val\n" },
      {},
      "has the class y",
    ],
    ["files that do not belong together", { "a.csv": survival, "b.csv": survival }, {}, "option files"],
    [
      "a column of splits that is something else",
      { "x.csv": `text,set\n${Array.from({ length: 30 }, (_, i) => `t${i},s${i}`).join("\n")}\n` },
      {},
      "30 different",
    ],
    ["an unknown kind", { "x.csv": survival }, { columns: { x: { kind: "smells", from: "age" } } }, "columns.x"],
    ["a value that nobody has", { "x.csv": survival }, { only: { sex: "x" } }, "no record"],
  ] as [string, Files, OpenDatasetOptions, string][])("refuses %s", async (_, files, options, text) => {
    const error = await refused(files, options);
    expect(error.message).toContain(text);
  });

  it("finds columns by habit in any case, names of splits of any spelling, and folds that are none", async () => {
    const rows = (names: string, splits: readonly string[]): string =>
      `${names}\n${splits.map((split, i) => `A tale of so many words as eight are ${i},${i % 2 === 0 ? "x" : "y"},${split}\n`).join("")}`;
    for (const [head, splits] of [
      ["TEXT,Diagnosis,Partition", ["Training", "TRAIN", "Val", "valid"]],
      ["Text,CLASS,Fold", ["train", "train_set", "dev", "Validation Set"]],
      ["text,Label,Data Split", ["training data", "Train", "VALIDATION", "val-set"]],
    ] as const) {
      const { splits: found } = await open({ "x.csv": rows(head, splits) });
      expect(Object.entries(found).map(([name, { length }]) => [name, length])).toEqual([
        ["train", 2],
        ["validation", 2],
      ]);
      expect(labelsOf(found["train"])).toEqual(["x", "y"]);
    }
    const folds = await open({ "x.csv": rows("text,label,fold", ["0", "1", "2", "3"]) });
    expect(kindsOf(folds.splits["train"])).toEqual({ text: "texts", label: "classes" });
    expect(folds.card.cautions).toEqual(["The column fold numbers folds and names no split: it was left out."]);
    const numbered = await refused({ "x.csv": rows("text,label,split", ["0", "1", "1", "0"]) });
    expect(numbered.message).toContain("there is no training split (");
    expect(numbered.where).toContain("which has the splits 0, 1");
  });

  it("knows examples by the names of their files where no column names them", async () => {
    const files = await greys(["img/a.png", "img/b.png", "img/c.png"]);
    const { splits } = await open({
      ...files,
      "cases.csv": "image,target\nimg/a.png,0.5\nimg/b.png,0.7\nimg/c.png,0.2\n",
    });
    expect(splits["train"]!.ids).toEqual(["img/a.png", "img/b.png", "img/c.png"]);
  });

  it("says which labels are read as one or differ in how they are written only", async () => {
    const rows = (labels: readonly string[]): string =>
      `text,label\n${labels.map((label, i) => `A tale of so many words as eight are ${i},${label}\n`).join("")}`;
    const merged = await open({ "x.csv": rows(["1", "1.0", "0"]) });
    expect(merged.card.cautions).toEqual(["The labels 1 and 1.0 were read as one class."]);
    const spellings = ["No Finding", "no_finding", "Mass", "mass", "1", "1.0"];
    const alike = await open({ "x.csv": rows([...spellings, ...spellings]) });
    expect(alike.card.cautions).toEqual([
      "The classes 1 and 1.0 differ in how they are written only.",
      "The classes Mass and mass differ in case only.",
      "The classes No Finding and no_finding differ in how they are written only.",
    ]);
    const listed = await open({ "x.csv": rows(["Mass|Nodule", "mass", "Nodule"]) });
    expect(listed.card.cautions).toEqual([
      // One example alone has either.
      "The labels (2 not shown: a single example has each) differ in case only.",
    ]);
  });

  it("takes a semicolon in a cell for a separator of labels where they occur again", async () => {
    const rows = (labels: readonly string[]): string =>
      `text,label\n${labels.map((label, i) => `A tale of so many words as eight are ${i},${label}\n`).join("")}`;
    expect(kindsOf((await open({ "x.csv": rows(["A;B", "B", "A"]) })).splits["train"])["label"]).toBe("labels");
    expect(kindsOf((await open({ "x.csv": rows(["a; left", "b", "a; left"]) })).splits["train"])["label"]).toBe(
      "classes",
    );
  });

  it("refuses molecules whose notation is not balanced, with their row", async () => {
    const error = await refused({ "x.csv": "smiles,y\nCCO,1.5\nC1CC,2.5\n" });
    expect(error.what).toContain("a ring is opened and not closed");
    expect(error.where).toMatch(/x\.csv, row 2, column smiles$/);
    const line = await refused({ "x.smi": "CCO\n\nCC(C name\n" });
    expect(line.where).toMatch(/x\.smi, line 3$/);
    expect(line.message).not.toContain("CC(C");
  });

  it("opens a table of 100,000 columns in a moment, and makes no subgroups of all of them", async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `g${i}`);
    const row = names.map((_, i) => i % 7).join(",");
    const start = process.cpuUsage();
    const { splits, card } = await open({
      "x.csv": `time,event,sex,${names.join(",")}\n1,0,f,${row}\n2,1,m,${row}\n`,
    });
    expect(columnOf(splits["train"]!, "covariates", "numbers").names).toHaveLength(100_000);
    expect(splits["train"]!.attributes).toEqual({ sex: ["f", "m"] });
    expect(card.cautions).toContain(
      "100000 columns that could make subgroups are no attributes; the option attributes names those that are.",
    );
    // About a second where nothing else runs.
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(8);
  });

  it("opens 50,000 objects of one flag each in a moment", async () => {
    const flags = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`f${i}`, { said: i % 2 === 0 }]));
    const start = process.cpuUsage();
    const { splits } = await open({ "x.jsonl": `${JSON.stringify({ text: "a b c d", ...flags })}\n` });
    expect(splits["train"]!.columns["text"]!.kind).toBe("texts");
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(8);
  });
});
