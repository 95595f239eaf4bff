/** Small valid datasets of every layout that is read, as contents by relative path. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zipSync } from "fflate";
import sharp from "sharp";
import { writeNifti } from "vesalius/data";
import { textSeeds } from "./text-seeds.mjs";

const lines = (...parts) => `${parts.join("\n")}\n`;

/** A `.npy` array. */
function npy(descr, shape, data) {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const padded = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11, " ")}\n`;
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
  return new Uint8Array(Buffer.concat([head, Buffer.from(padded), Buffer.from(data.buffer)]));
}

const pixels = (count, from = 0) => Uint8Array.from({ length: count }, (_, i) => (i * 37 + from * 11) & 255);

const archive = (level, labels = Uint8Array.of(0, 1, 0, 1)) =>
  zipSync(
    {
      "train_images.npy": npy("|u1", [4, 4, 4], pixels(64)),
      "train_labels.npy": npy(labels instanceof Uint8Array ? "|u1" : "<i8", [4, 1], labels),
      "val_images.npy": npy("|u1", [2, 4, 4], pixels(32, 5)),
      "val_labels.npy": npy("|u1", [2, 1], Uint8Array.of(1, 0)),
    },
    { level },
  );

async function picture(format, channels, from) {
  const values = pixels(36 * channels, from);
  // Transparency is refused, an alpha channel that is opaque everywhere is not.
  if (channels === 4) for (let i = 3; i < values.length; i += 4) values[i] = 255;
  const raw = sharp(Buffer.from(values), { raw: { width: 6, height: 6, channels } });
  if (format !== "bmp") return new Uint8Array(await raw.toFormat(format).toBuffer());
  const file = Buffer.alloc(54 + 20 * 6);
  file.write("BM");
  for (const [at, value] of [
    [2, file.length],
    [10, 54],
    [14, 40],
    [18, 6],
    [22, 6],
    [34, 120],
  ])
    file.writeUInt32LE(value, at);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  Buffer.from(pixels(120, from)).copy(file, 54);
  return new Uint8Array(file);
}

async function pictures(format, channels) {
  const ending = format === "jpeg" ? "jpg" : format;
  const files = {};
  let from = 0;
  for (const split of ["train", "val"])
    for (const name of ["clear", "opacity"])
      files[`${split}/${name}/${from}.${ending}`] = await picture(format, channels, from++);
  return files;
}

const volume = (data, options) =>
  writeNifti(
    {
      channels: 1,
      extents: [2, 3, 4],
      spacing: [3, 2, 1],
      affine: [1, 0, 0, -3, 0, 2, 0, 5, 0, 0, 3, 0, 0, 0, 0, 1],
      data,
    },
    options,
  );
const voxels = (from) => Int16Array.from({ length: 24 }, (_, i) => i * 7 + from);
const mask = (from) => Uint8Array.from({ length: 24 }, (_, i) => (i + from) % 3);

async function h5ad(sparse) {
  const { File, ready } = await import("h5wasm/node");
  await ready;
  const folder = await mkdtemp(join(tmpdir(), "vesalius-fuzz-h5ad-"));
  try {
    const path = join(folder, "x.h5ad");
    const file = new File(path, "w");
    for (const [table, names] of [
      ["obs", ["c1", "c2", "c3"]],
      ["var", ["G1", "G2"]],
    ]) {
      const group = file.create_group(table);
      group.create_attribute("_index", "_index");
      group.create_dataset({ name: "_index", data: names });
    }
    const type = file.get("obs").create_group("cell_type");
    type.create_dataset({ name: "categories", data: ["B", "T"] });
    type.create_dataset({ name: "codes", data: Int8Array.of(1, 0, 1) });
    file.get("obs").create_dataset({ name: "depth", data: Float32Array.of(1, 2, 3) });
    if (sparse) {
      const group = file.create_group("X");
      group.create_attribute("encoding-type", "csr_matrix");
      group.create_dataset({ name: "indptr", data: Int32Array.of(0, 1, 2, 4) });
      group.create_dataset({ name: "indices", data: Int32Array.of(0, 1, 1, 0) });
      group.create_dataset({ name: "data", data: Float32Array.of(1, 2.5, 4, 3) });
    } else file.create_dataset({ name: "X", data: Float32Array.of(1, 0, 0, 2.5, 3, 4), shape: [3, 2] });
    file.close();
    return { "x.h5ad": new Uint8Array(await readFile(path)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const table = lines(
  "id,age,sex,score,label,split,patient",
  "a,61,f,0.5,yes,train,p1",
  "b,44,m,1.5,no,train,p2",
  'c,,f,2.5,"yes",train,p3',
  "d,70,m,-3e2,no,val,p4",
  "e,12,f,4,yes,val,p5",
  "f,33,m,5,no,train,p6",
);
const records = (from) =>
  lines(
    ...Array.from({ length: 4 }, (_, i) =>
      JSON.stringify({
        id: `${from}${i}`,
        text: `note ${from} ${i}`,
        label: i % 2 === 0 ? "yes" : "no",
        age: 20 + i,
        tags: ["a", "b"].slice(i % 2),
        spans: [{ start: 0, end: 4, type: "X" }],
      }),
    ),
  );
const tokens = (word) =>
  lines("Loss\tO", "of\tO", `${word}\tB-Gene`, "gene\tI-Gene", "", `${word}x\tB-Disease`, "cancer\tI-Disease", "");
const matrix = lines(
  "%%MatrixMarket matrix coordinate integer general",
  "%made",
  "3 4 5",
  "1 1 3",
  "2 1 1",
  "3 2 4",
  "1 3 2",
  "2 4 7",
);
const card = {
  name: "made",
  title: "Made",
  licence: "CC0",
  cautions: ["Few."],
  restricted: false,
  columns: {
    label: { kind: "classes", from: "label", names: ["no", "yes"] },
    age: { kind: "numbers", from: ["age", "score"] },
  },
  splitColumn: "split",
  group: "patient",
};
const decathlon = {
  name: "Made",
  labels: { 0: "background", 1: "edge", 2: "core" },
  training: ["a", "b"].map((stem) => ({ image: `./imagesTr/${stem}.nii.gz`, label: `./labelsTr/${stem}.nii.gz` })),
};

const encoded = (files) =>
  Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === "string" ? new Uint8Array(Buffer.from(content)) : content,
    ]),
  );

/** Datasets by reader; each is a folder. */
export const dataSeeds = {
  ...textSeeds,
  npz: () => [{ "x.npz": archive(6) }, { "x.npz": archive(0, BigInt64Array.of(0n, 1n, 2n, 1n)) }],
  npy: () => [
    {
      "x.npz": zipSync(
        {
          "train_images.npy": npy(
            "<f4",
            [3, 2, 2],
            Float32Array.from({ length: 12 }, (_, i) => i / 12),
          ),
          "train_labels.npy": npy("<i4", [3, 2], Int32Array.of(0, 1, 1, 1, 0, 0)),
        },
        { level: 0 },
      ),
    },
  ],
  images: () =>
    Promise.all([
      pictures("png", 1),
      pictures("png", 3),
      pictures("png", 4),
      pictures("jpeg", 3),
      pictures("bmp", 3),
      pictures("tiff", 3),
      pictures("webp", 3),
    ]),
  csv: () => [{ "table.csv": table }, { "table.tsv": table.replaceAll(",", "\t") }],
  jsonl: () => [{ "train.jsonl": records("t"), "val.jsonl": records("v") }],
  conll: () => [{ "train.tsv": tokens("BRCA"), "devel.tsv": tokens("TP") }],
  fasta: () => [
    { "pos.fa": lines(">a", "ACGTACGT", ">b x", "GGTTAACC"), "neg.fa": lines(">c", "TTTTACGA", ">d", "CCGGA") },
    {
      "x.fa": lines(">a label=1", "MKVL", ">b label=0", "MAAP"),
      "table.csv": lines("id,label,split", "a,1,train", "b,0,val"),
    },
  ],
  smiles: () => [{ "x.smi": lines("CC(=O)Oc1ccccc1C(=O)O aspirin", "C[C@H](N)C(=O)O alanine", "[Na+].[Cl-] salt") }],
  text: () => [{ "a.txt": "one text", "b.txt": "another text, longer\n", "c.md": "# third\n\nwith lines\n" }],
  nifti: () => [
    { "a.nii": volume(voxels(1), { gzip: false }), "b.nii": volume(voxels(90), { gzip: false }) },
    { "a.nii.gz": volume(voxels(1)), "b.nii.gz": volume(voxels(7)) },
  ],
  decathlon: () => [
    {
      "dataset.json": JSON.stringify(decathlon),
      "imagesTr/a.nii.gz": volume(voxels(1)),
      "imagesTr/b.nii.gz": volume(voxels(50)),
      "labelsTr/a.nii.gz": volume(mask(0)),
      "labelsTr/b.nii.gz": volume(mask(1)),
    },
  ],
  h5ad: () => Promise.all([h5ad(true), h5ad(false)]),
  mtx: () => {
    const beside = {
      "features.tsv": lines("E1\tG1\tGene Expression", "E2\tG2\tGene Expression", "E3\tG3\tAntibody"),
      "barcodes.tsv": lines("c1", "c2", "c3", "c4"),
      "obs.csv": lines("barcode,cell_type,split", "c1,B,train", "c2,T,train", "c3,B,val", "c4,T,val"),
    };
    return [
      { ...beside, "matrix.mtx": matrix },
      { ...beside, "matrix.mtx.gz": gzipSync(Buffer.from(matrix)) },
    ];
  },
  xml: () => [
    {
      "train.xml":
        "<all><case id='1'><q>What is it that makes people cough at night?</q><a t='x'>A <i>cold</i>.</a></case><case id='2'><q>Why is it that they cough more in winter?</q></case></all>",
    },
    {
      "QA/1.xml":
        "<Document id='7'><Focus>F</Focus><QAPair><Question>What are the first signs of the disease?</Question><Answer>There are many of them, and none is sure.</Answer></QAPair></Document>",
    },
  ],
  fhir: () => [
    {
      "train.ndjson": lines(
        '{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"p","birthDate":"1990-05-01","gender":"male"}},{"resource":{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"s","code":"1"}]},"subject":{"reference":"urn:uuid:p"},"effectiveDateTime":"2020-01-01T10:00:00Z","valueQuantity":{"value":1.5,"unit":"g"}}}]}',
        '{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"code":{"text":"cough"},"onsetDateTime":"2020-02-01"}',
      ),
    },
  ],
  eventTables: () => [
    {
      "PERSON.csv": lines("person_id,year_of_birth,month_of_birth", "1,1980,2", "2,1970,"),
      "VISIT_OCCURRENCE.csv": lines(
        "visit_occurrence_id,person_id,visit_concept_id,visit_start_date",
        "7,1,9202,2010-01-01",
        "8,2,9202,2010-01-01",
      ),
      "CONDITION_OCCURRENCE.csv": lines(
        "person_id,condition_concept_id,condition_start_date",
        "1,3,2010-02-01",
        "2,4,2011-02-01",
      ),
      "MEASUREMENT.csv": lines(
        "person_id,measurement_concept_id,measurement_date,value_as_number",
        "1,3,2010-01-02,1.5",
        "2,4,2010-02-01,1e3",
      ),
    },
    {
      "patient.csv": lines(
        "patientunitstayid,uniquepid,age,hospitaldischargestatus",
        "1,a,> 89,Expired",
        "2,b,60,Alive",
      ),
      "diagnosis.csv": lines("patientunitstayid,diagnosisoffset,diagnosisstring", "1,60,sepsis", "2,-30,copd"),
    },
  ],
  card: () => [{ "dataset.json": JSON.stringify(card), "table.csv": table }],
  beir: () => [
    {
      "corpus.jsonl": lines('{"_id":"d1","title":"A","text":"one two"}', '{"_id":"d2","title":"","text":"three"}'),
      "queries.jsonl": lines('{"_id":"q1","text":"one"}', '{"_id":"q2","text":"three"}'),
      "qrels/train.tsv": lines("query-id\tcorpus-id\tscore", "q1\td1\t1", "q2\td2\t2"),
    },
  ],
};

/** The datasets of a reader as bytes. */
export const seedsOf = async (reader) => (await dataSeeds[reader]()).map(encoded);
