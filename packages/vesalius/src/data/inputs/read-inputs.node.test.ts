import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readExamples } from "../dataset/index.ts";
import { failure, makeFolder, png } from "../data.test.helper.ts";
import { writeNifti } from "../volumes/write-nifti.ts";
import type { InputColumns } from "./input-columns.ts";
import { readInputs } from "./read-inputs.node.ts";

const image: InputColumns = { image: { kinds: ["images"] } };
const text: InputColumns = { text: { kinds: ["texts"] } };
const volume = writeNifti({
  channels: 1,
  extents: [1, 1, 2],
  spacing: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  data: Int16Array.of(3, 4),
});

describe("readInputs", () => {
  it("reads an image, or a folder of them", async () => {
    const folder = await makeFolder({
      "b.png": await png(2, 1, 1, (x) => x),
      "a.png": await png(3, 1, 3, () => 7),
      "README.md": "x",
    });
    const all = await readInputs(folder, image);
    expect(all).toMatchObject({ name: "inputs", ids: ["a.png", "b.png"], groups: undefined });
    const one = await readInputs(join(folder, "b.png"), image);
    expect((await readExamples(one, ["image"], [0]))[0]!["image"]).toMatchObject({
      channels: 1,
      extents: [1, 2],
      data: Uint8Array.of(0, 1),
    });
  });

  it("reads volumes, sequences and molecules", async () => {
    const folder = await makeFolder({ "v.nii.gz": volume, "s.fa": ">a\nACGU\n>b\nGG\n", "m.smi": "CCO ethanol\nC\n" });
    const scan = await readInputs(join(folder, "v.nii.gz"), { scan: { kinds: ["volumes"] } });
    expect((await readExamples(scan, ["scan"], [0]))[0]!["scan"]).toMatchObject({ data: Float32Array.of(3, 4) });
    const sequences = await readInputs(join(folder, "s.fa"), { sequence: { kinds: ["sequences"] } });
    expect([sequences.ids, sequences.columns["sequence"]]).toMatchObject([
      ["a", "b"],
      { alphabet: "rna", values: ["ACGU", "GG"] },
    ]);
    const molecules = await readInputs(join(folder, "m.smi"), { molecule: { kinds: ["molecules"] } });
    expect([molecules.ids, molecules.columns["molecule"]]).toMatchObject([["ethanol", "2"], { values: ["CCO", "C"] }]);
  });

  it("reads a text file as a whole or by line, and text as it is typed", async () => {
    const folder = await makeFolder({ "note.txt": "One.\n\nTwo.\n" });
    const path = join(folder, "note.txt");
    expect((await readInputs(path, text)).columns["text"]).toMatchObject({ values: ["One.\n\nTwo."] });
    const lines = await readInputs(path, text, { per: "line" });
    expect([lines.ids, lines.columns["text"]]).toMatchObject([
      ["note.txt#1", "note.txt#3"],
      { values: ["One.", "Two."] },
    ]);
    expect((await readInputs({ text: "Typed.\n" }, text)).columns["text"]).toMatchObject({ values: ["Typed."] });
  });

  it("reads a table of everything that a model reads, with people as groups and unknown levels missing", async () => {
    const folder = await makeFolder({
      "rows.csv": "mrn,Age,BMI,sex,file\n17,50,,f,x.png\n18,60,22,other,x.png\n",
      "x.png": await png(1, 1, 1, () => 5),
    });
    const split = await readInputs(join(folder, "rows.csv"), {
      record: { kinds: ["numbers"], names: ["bmi", "age"] },
      kinds: { kinds: ["categories"], names: ["sex"], levels: [["f", "m"]] },
      image: { kinds: ["images"] },
    });
    expect(split).toMatchObject({ ids: ["0", "1"], groups: ["17", "18"] });
    expect(await readExamples(split, ["record", "kinds"], [0, 1])).toEqual([
      { record: Float32Array.of(Number.NaN, 50), kinds: Int32Array.of(0) },
      { record: Float32Array.of(22, 60), kinds: Int32Array.of(-1) },
    ]);
  });

  it("leaves out what may be missing, and refuses to go without what may not", async () => {
    const folder = await makeFolder({
      "q.jsonl": '{"id": "a", "question": "Why?"}\n',
      "x.png": await png(1, 1, 1, () => 5),
    });
    const both: InputColumns = { question: { kinds: ["texts"] }, image: { kinds: ["images"], optional: true } };
    const split = await readInputs(join(folder, "q.jsonl"), both);
    expect(split.ids).toEqual(["a"]);
    expect(await readExamples(split, ["question", "image"], [0])).toEqual([{ question: "Why?", image: null }]);
    const error = await failure(() => readInputs(join(folder, "x.png"), both));
    expect(error.message).toContain("also reads question (texts)");
    expect(error.fix).toContain("table");
  });

  it("reads a dataset's folder, all splits together", async () => {
    const folder = await makeFolder({
      "train.csv": "text,label\nThis one is here,a\n",
      "val.csv": "text,label\nThat one is there,b\n",
    });
    expect((await readInputs(folder, text)).columns["text"]).toMatchObject({
      values: ["This one is here", "That one is there"],
    });
  });

  it.each([
    ["an image where a text is read", { "x.png": "" }, "x.png", text, "these are images; the model reads text (texts)"],
    ["an empty text", { "x.txt": "\n" }, "x.txt", text, "nothing to predict"],
    [
      "a table without a value's column",
      { "x.csv": "a\n1\n" },
      "x.csv",
      { r: { kinds: ["numbers"], names: ["a", "b"] } },
      "lacks b",
    ],
    ["a table of something else", { "x.csv": "a\n1\n" }, "x.csv", text, "also reads text"],
    ["a damaged image", { "x.png": "x" }, "x.png", image, "cannot be decoded"],
    ["an unknown file", { "x.doc": "x" }, "x.doc", image, "no layout"],
    ["no file", {}, "x.png", image, "no such file"],
  ] as [string, Record<string, string>, string, InputColumns, string][])(
    "refuses %s",
    async (_, files, file, columns, message) => {
      const folder = await makeFolder(files);
      expect((await failure(() => readInputs(join(folder, file), columns))).message).toContain(message);
    },
  );
});
