/** Small valid sets of text in the layouts in which they are published, as contents by relative path. */
import { parquetWriteBuffer } from "hyparquet-writer";

const lines = (...records) => records.map((record) => `${JSON.stringify(record)}\n`).join("");

const parquet = (length, codec) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "text", data: Array.from({ length }, (_, i) => `A note of the visit ${i}.`), type: "STRING" },
        { name: "label", data: Int32Array.from({ length }, (_, i) => i % 2) },
        { name: "score", data: Float64Array.from({ length }, (_, i) => i / 3) },
        { name: "codes", data: Array.from({ length }, (_, i) => (i % 2 === 0 ? ["A"] : ["A", "B"])), type: "JSON" },
      ],
      rowGroupSize: 3,
      codec,
    }),
  );

const context = "Lithium caused a tremor of the hand.";

/** Seeds by the layout. */
export const textSeeds = {
  parquet: () => [
    { "train-00000-of-00001.parquet": parquet(6, "SNAPPY") },
    { "train.parquet": parquet(4, "UNCOMPRESSED"), "val.parquet": parquet(3, "SNAPPY") },
  ],
  brat: () => [
    {
      "a.txt": context,
      "a.ann":
        "T1\tDrug 0 7\tLithium\nT2\tEffect 17 23;31 35\ttremor hand\nR1\tcauses Arg1:T1 Arg2:T2\nA1\tSure R1\n#1\tNote T1\tx\n",
      "b.txt": "Nothing is marked in this one.\n",
    },
  ],
  squad: () => [
    {
      "train.json": JSON.stringify({
        version: "v2.0",
        data: [
          {
            title: "Lithium",
            paragraphs: [
              {
                context,
                qas: [
                  { id: "a", question: "What?", answers: [{ text: "a tremor", answer_start: 15 }] },
                  { id: "b", question: "Why?", answers: [], is_impossible: true },
                ],
              },
            ],
          },
        ],
      }),
    },
  ],
  textShapes: () => [
    {
      "train.jsonl": lines(
        { id: "a", question: "Which?", options: { A: "iron", B: "zinc", C: "tin" }, answer_idx: "B", answer: "zinc" },
        { id: "b", question: "What?", options: { A: "one", B: "two", C: "three" }, answer_idx: "C", answer: "three" },
      ),
    },
    {
      "train.jsonl": lines(
        { question: "Which?", opa: "iron", opb: "zinc", opc: "tin", opd: "lead", cop: 4, exp: "It is heavy." },
        { question: "What?", opa: "1", opb: "2", opc: "3", opd: "4", cop: 1, exp: null },
      ),
    },
    {
      "train.jsonl": lines(
        {
          messages: [
            { role: "user", content: "Is it safe?" },
            { role: "assistant", content: "Ask them." },
          ],
        },
        {
          messages: [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Why?" },
          ],
        },
      ),
    },
    {
      "train.jsonl": lines(
        { dialogue: ["It hurts.", "Where?"], slots: { cough: true, fever: false }, disease_tag: "cold" },
        { dialogue: ["Here."], slots: { fever: true }, disease_tag: "flu" },
      ),
    },
    {
      "train.jsonl": lines(
        { statement: "Ten of twelve.", label: "yes", premise: [{ trial: "T", section: "R" }], evidence: [[0, 1]] },
        { statement: "None of them.", label: "no", premise: [{ trial: "U", section: "R" }], evidence: [[0]] },
      ),
      "sections.jsonl": lines(
        { trial: "T", section: "R", lines: ["10 of 12", "2 of 12"] },
        { trial: "U", section: "R", lines: ["Nobody."] },
      ),
    },
  ],
};

const bytes = (text) => new Uint8Array(Buffer.from(text));

/** Files of texts that are not held in memory. */
export const corpusSeeds = () => [
  { "train.txt": bytes("one two three four five six\nseven eight\n\nnine ten\n"), "val.txt": bytes("eleven twelve\n") },
  { "train.jsonl": bytes(lines({ text: "one two three four five six" }, { text: "seven", other: 1 }, { text: null })) },
  { "train.parquet": parquet(7, "SNAPPY") },
];
