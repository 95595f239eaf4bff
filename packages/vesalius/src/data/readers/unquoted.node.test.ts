import { describe, expect, it } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { describeDataset } from "../dataset/index.ts";
import { makeFolder } from "../data.test.helper.ts";
import { openDataset, type OpenDatasetOptions } from "../open-dataset.node.ts";
import { bytes, type Files, greys, line, matrixFile } from "./readers.test.helper.ts";

/** What a record could say; no reader may repeat it. */
const MARKER = "Zaphod-Beeblebrox-1952";
const SPACED = "Zaphod Beeblebrox 1952";

/** A table of texts with two classes, in which some cells of a row are replaced. */
function table(row: number, cells: Partial<Record<"text" | "label" | "split" | "age" | "site", string>>, rows = 12) {
  const names = ["text", "label", "split", "age", "site"] as const;
  const lines = Array.from({ length: rows }, (_, i) => {
    const usual = {
      text: `several plain words that make up report number ${i}`,
      label: ["ill", "well"][i % 2]!,
      split: i < 8 ? "train" : "val",
      age: String(40 + i),
      site: ["north", "south"][i % 2]!,
    };
    const own = i === row ? { ...usual, ...cells } : usual;
    return names.map((name) => own[name]).join(",");
  });
  return `${names.join(",")}\n${lines.join("\n")}\n`;
}

const record = (i: number, more: object = {}): string =>
  line({ text: `several plain words that make up report number ${i}`, label: ["ill", "well"][i % 2], ...more });

const fasta = (id: string, sequence: string): string => `>${id}\n${sequence}\n`;

/** Inputs that are wrong in many ways, and options to read them with. */
const inputs: Record<string, { files: () => Files | Promise<Files>; options?: OpenDatasetOptions }> = {};
const add = (name: string, files: (typeof inputs)[string]["files"], options?: OpenDatasetOptions): void => {
  inputs[name] = { files, ...(options === undefined ? {} : { options }) };
};

for (const marker of [MARKER, SPACED]) {
  const of = (what: string): string => `${what} (${marker === MARKER ? "one word" : "three words"})`;
  for (const column of ["label", "split", "age", "site", "text"] as const)
    for (const row of [1, 9])
      add(of(`table: ${column}, row ${row}`), () => ({ "x.csv": table(row, { [column]: marker }) }));
  add(of("table: a class in validation alone"), () => ({ "x.csv": table(9, { label: marker }) }));
  add(of("table: classes that are listed"), () => ({
    "x.csv": table(3, { label: marker }),
    "dataset.json": '{"name":"x","labels":["ill","well"]}',
  }));
  add(of("table: a class in another case"), () => ({
    "x.csv": table(3, { label: marker }).replace("ill", marker.toUpperCase()),
  }));
  add(of("table: more cells than the header"), () => ({ "x.csv": `${table(0, {})}${marker},b,c,d,e,f,g\n` }));
  add(of("table: fewer cells"), () => ({ "x.csv": `${table(0, {})}${marker}\n` }));
  add(of("table: an open quote"), () => ({ "x.csv": `${table(0, {})}"${marker}\n` }));
  add(of("table: a quote inside"), () => ({ "x.csv": `${table(0, {})}a"${marker}",ill,train,3,north\n` }));
  add(of("table: no header"), () => ({ "x.csv": `report.txt,${marker},ill\nother.txt,Ford Prefect,well\n` }));
  add(of("table: no header, numbers"), () => ({ "x.csv": `17,${marker},2024-01-02\n18,Ford Prefect,2024-02-03\n` }));
  add(of("table: no such column"), () => ({ "x.csv": `1,${marker},3\n2,b,3\n` }), { target: "label" });
  add(of("table: numbers as declared"), () => ({ "x.csv": table(2, { age: marker }) }), {
    columns: { age: { kind: "numbers", from: "age" } },
  });
  add(of("table: flags as declared"), () => ({ "x.csv": table(2, { age: marker }) }), {
    columns: { label: { kind: "labels", from: ["age", "site"] } },
  });
  add(of("table: molecules and sequences"), () => ({
    "x.csv": `smiles,sequence,y\nCCO,MKV,1\n${marker},${marker},2\n`,
  }));
  add(of("table: sequences as declared"), () => ({ "x.csv": table(2, { site: marker }) }), {
    columns: { site: { kind: "sequences", from: "site", alphabet: "dna" } },
  });
  add(of("table: events"), () => ({ "x.csv": `time,event,split\n1,1,train\n${marker},0,train\n2,1,val\n` }));
  add(of("table: the same id twice"), () => ({
    "x.csv": `id,text,label\n${marker},a b c,ill\n${marker},d e f,well\n`,
  }));
  add(of("table: leaks of a named group"), () => ({
    "x.csv": `id,patient,age,label,split\n${marker},p ${marker},3,ill,train\nb,p ${marker},4,well,val\nc,d,5,well,train\n`,
  }));
  add(of("table: identical texts"), () => {
    const text = `words of a long report that mentions ${marker} in its second sentence`;
    return {
      "x.csv": `id,text,label,split\n${marker}1,${text},ill,train\n${marker}2,${text},ill,val\nc,d,well,train\n`,
    };
  });
  add(of("table: a column of many names"), () => ({
    "x.csv": `text,label,referrer\n${Array.from({ length: 60 }, (_, i) => `words of report number ${i},${["ill", "well"][i % 2]},${marker}${i}\n`).join("")}`,
  }));
  add(of("table: a target of names"), () => ({
    "x.csv": `text,label\n${Array.from({ length: 60 }, (_, i) => `words of report number ${i},${marker}${i}\n`).join("")}`,
  }));
  add(of("images: a file that is not there"), async () => ({
    ...(await greys(["a.png", "b.png"])),
    "labels.csv": `file,label\na.png,ill\n${marker}.png,well\n`,
  }));
  add(of("images: a cell that names no image"), async () => ({
    ...(await greys(["a.png", "b.png"])),
    "labels.csv": `file,label\na.png,ill\n${marker},well\n`,
  }));
  add(of("images: a cell that leads outside"), async () => ({
    ...(await greys(["a.png"])),
    "labels.csv": `file,label\na.png,ill\n../${marker}.png,well\n`,
  }));
  add(of("images: the same file twice, another label"), async () => ({
    ...(await greys(["a.png", "b.png"])),
    "labels.csv": `file,label\na.png,ill\na.png,${marker}\n`,
  }));
  add(
    of("images: another column names the files"),
    async () => ({
      ...(await greys(["a.png", "b.png"])),
      "labels.csv": `scan,note\na.png,${marker}\nb.png,${marker}\n`,
    }),
    { reader: "labelsCsv", imageColumn: "note" },
  );
  add(of("JSON lines: broken"), () => ({ "x.jsonl": `${record(0)}{"text": "${marker}", label}\n` }));
  add(of("JSON lines: no object"), () => ({ "x.jsonl": `${record(0)}"${marker}"\n` }));
  add(of("JSON lines: a label of another kind"), () => ({
    "x.jsonl": `${record(0)}${record(1, { label: { a: marker } })}`,
  }));
  add(of("JSON lines: spans"), () => ({
    "x.jsonl": `${record(0, { spans: [{ start: 0, end: 7, label: "A" }] })}${record(1, { spans: [{ start: 2, end: 900, label: marker }] })}`,
  }));
  add(of("JSON lines: spans of one type alone"), () => ({
    "train.jsonl": record(0, { spans: [{ start: 0, end: 7, label: "A" }] }),
    "val.jsonl": record(1, { spans: [{ start: 0, end: 7, label: marker }] }),
  }));
  add(of("JSON: broken"), () => ({ "x.json": `[{"text": "${marker}"` }));
  add(of("dataset.json: broken"), () => ({ "x.csv": table(0, {}), "dataset.json": `{"name": "${marker}"` }));
  add(of("dataset.json: of another kind"), () => ({
    "x.csv": table(0, {}),
    "dataset.json": `{"name": "x", "labels": "${marker}", "restricted": "${marker}"}`,
  }));
  add(of("CoNLL: a tag that is none"), () => ({ "train.tsv": `The\tO\nend\t${marker}\n\n` }));
  add(of("CoNLL: a line of other columns"), () => ({ "train.tsv": `The\tO\n${marker}\tO\tB-x\tO\n\n` }));
  add(of("CoNLL: a type in validation alone"), () => ({
    "train.tsv": "The\tO\nend\tB-x\n\n",
    "dev.tsv": `The\tO\nend\tB-${marker.replaceAll(" ", "_")}\n\n`,
  }));
  add(of("BEIR: a query that is not there"), () => ({
    "corpus.jsonl": line({ _id: "d", text: "words" }),
    "queries.jsonl": line({ _id: "q", text: "words?" }),
    "qrels/train.tsv": `query-id\tcorpus-id\tscore\n${marker}\td\t1\n`,
  }));
  add(of("BEIR: a score that is none"), () => ({
    "corpus.jsonl": line({ _id: "d", text: "words" }),
    "queries.jsonl": line({ _id: "q", text: "words?" }),
    "qrels/train.tsv": `query-id\tcorpus-id\tscore\nq\td\t${marker}\n`,
  }));
  add(of("FASTA: an identifier twice"), () => ({ "x.fa": fasta(marker, "ACGT") + fasta(marker, "ACGA") }));
  add(of("FASTA: letters of no alphabet"), () => ({ "x.fa": fasta("a", "ACGT") + fasta("b", marker) }));
  add(of("FASTA: letters of another alphabet"), () => ({ "x.fa": fasta("a", "ACGT") + fasta("b", marker) }), {
    alphabet: "dna",
  });
  add(of("FASTA: not in the table"), () => ({ "x.fa": fasta(marker, "ACGT"), "x.csv": "id,label\na,1\n" }));
  add(of("FASTA: text before the first entry"), () => ({ "x.fa": `${marker}\n${fasta("a", "ACGT")}` }));
  add(of("SMILES"), () => ({ "x.smi": `CCO a\n${marker}\n` }));
  add(of("10x: a cell that is annotated twice"), () => ({
    "matrix.mtx": matrixFile(2, 2, [[1, 1, 3]]),
    "features.tsv": "g1\tA\ng2\tB\n",
    "barcodes.tsv": "c1\nc2\n",
    "obs.csv": `cell,cell_type\n${marker},a\n${marker},b\n`,
  }));
  add(of("10x: a matrix of words"), () => ({
    "matrix.mtx": `%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 ${marker} 3\n`,
    "features.tsv": "g1\tA\ng2\tB\n",
    "barcodes.tsv": "c1\nc2\n",
  }));
  add(of("npz: no archive"), () => ({ "x.npz": bytes(marker.repeat(20)) }));
  add(of("decathlon: an index of files that are not there"), () => ({
    "dataset.json": JSON.stringify({
      training: [{ image: `./imagesTr/${marker}.nii.gz`, label: `./labelsTr/${marker}.nii.gz` }],
      labels: { 0: "background", 1: "organ" },
    }),
    "imagesTr/a.nii.gz": "x",
    "labelsTr/a.nii.gz": "x",
  }));
}

/** A column of patients in every layout that has columns, its values in two splits and in one alone. */
for (const name of ["patient_id", "Patient Name", "mrn", "name"]) {
  const marker = (i: number): string => `${MARKER}${i}`;
  add(`JSON lines: ${name}`, () => ({
    "train.jsonl": [0, 1, 2].map((i) => record(i, { meta: { [name]: marker(i) } })).join(""),
    "val.jsonl": [3, 4].map((i) => record(i, { meta: { [name]: marker(i) } })).join(""),
  }));
  add(`JSON lines: ${name} in two splits`, () => ({
    "train.jsonl": [0, 1, 2].map((i) => record(i, { [name]: marker(i) })).join(""),
    "val.jsonl": [3, 4].map((i) => record(i, { [name]: marker(0) })).join(""),
  }));
  add(`images: ${name}`, async () => ({
    ...(await greys(["a.png", "b.png", "c.png"])),
    "labels.csv": `file,label,split,${name}\na.png,ill,train,${marker(0)}\nb.png,well,train,${marker(0)}\nc.png,ill,val,${marker(1)}\n`,
  }));
  add(`10x: ${name}`, () => ({
    "matrix.mtx": matrixFile(2, 3, [
      [1, 1, 3],
      [2, 2, 1],
      [1, 3, 9],
    ]),
    "features.tsv": "g1\tA\ng2\tB\n",
    "barcodes.tsv": "c1\nc2\nc3\n",
    "obs.csv": `cell,cell_type,${name}\nc1,a,${marker(0)}\nc2,b,${marker(0)}\nc3,a,${marker(1)}\n`,
  }));
  add(`FASTA: ${name} in the table`, () => ({
    "x.fa": fasta("a", "ACGT") + fasta("b", "ACGA") + fasta("c", "ACGG"),
    "x.csv": `id,label,${name}\na,1,${marker(0)}\nb,0,${marker(0)}\nc,1,${marker(1)}\n`,
  }));
  add(`BEIR: ${name} of queries`, () => ({
    "corpus.jsonl": line({ _id: "d", text: "words" }),
    "queries.jsonl": ["p", "q", "r"]
      .map((id) => line({ _id: id, text: `words of ${id}?`, [name]: marker(0) }))
      .join(""),
    "qrels/train.tsv": "query-id\tcorpus-id\tscore\nq\td\t1\np\td\t1\n",
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nr\td\t1\n",
  }));
}

/** Everything that is said about data: what `vesalius data` prints, or the error. */
async function said(files: Files, options?: OpenDatasetOptions): Promise<string> {
  try {
    const dataset = await openDataset(await makeFolder(files), { allowMissingClasses: true, ...options });
    return JSON.stringify(describeDataset(dataset));
  } catch (error) {
    if (error instanceof VesaliusError) return error.message;
    throw error;
  }
}

const quotes = (text: string): boolean => /zaphod|beeblebrox/i.test(text);

describe("what is said of data, and of what is wrong with them, repeats no cell and no line", () => {
  it.each(Object.keys(inputs))("%s", async (name) => {
    const { files, options } = inputs[name]!;
    const made = await files();
    for (const more of [{}, { allowMissingClasses: false }]) {
      const text = await said(made, { ...options, ...more });
      if (quotes(text)) expect.soft(text).toBe("");
    }
  });
});
