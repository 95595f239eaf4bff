import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, it, test } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { kindsOf, labelsOf, open, refused } from "./readers.test.helper.ts";

type Column = Parameters<typeof parquetWriteBuffer>[0]["columnData"][number];
const written = (columnData: Column[], more: object = {}): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 2, ...more }));

const notes = (from: number, length: number): Column[] => [
  {
    name: "text",
    data: Array.from({ length }, (_, i) => `Note ${from + i} tells of a cough that stayed.`),
    type: "STRING",
  },
  { name: "label", data: BigInt64Array.from({ length }, (_, i) => BigInt((from + i) % 2)) },
  { name: "age", data: Float64Array.from({ length }, (_, i) => 40.5 + i) },
  { name: "codes", data: Array.from({ length }, (_, i) => (i % 2 === 0 ? ["A1"] : ["A1", "B2"])), type: "JSON" },
];
const huggingface = {
  kvMetadata: [
    {
      key: "huggingface",
      value: JSON.stringify({ info: { features: { label: { _type: "ClassLabel", names: ["acute", "chronic"] } } } }),
    },
  ],
};

it("reads shards of splits, row group after row group, with names of classes, numbers and lists", async () => {
  const { splits } = await open({
    "data/train-00000-of-00002.parquet": written(notes(0, 5), huggingface),
    "data/train-00001-of-00002.parquet": written(notes(5, 3), huggingface),
    "data/validation-00000-of-00001.parquet": written(notes(8, 2), huggingface),
  });
  const train = splits["train"]!;
  expect(kindsOf(train)).toEqual({ label: "classes", text: "texts", codes: "labels" });
  expect(labelsOf(train)).toEqual(["acute", "chronic", "acute", "chronic", "acute", "chronic", "acute", "chronic"]);
  expect(columnOf(train, "text", "texts").values[6]).toBe("Note 6 tells of a cough that stayed.");
  expect(train.attributes["age"]?.slice(4)).toEqual([44.5, 40.5, 41.5, 42.5]);
  expect(splits["validation"]!.length).toBe(2);
});

it("reads what declared columns ask for: a question with its options", async () => {
  const columnData: Column[] = [
    { name: "question", data: ["Which one of these is it?", "And which is that one?"], type: "STRING" },
    { name: "opa", data: ["iron", "tin"], type: "STRING" },
    { name: "opb", data: ["zinc", "lead"], type: "STRING" },
    { name: "cop", data: Int32Array.of(0, 1) },
  ];
  const { splits } = await open({ "train.parquet": written(columnData) });
  const [first] = await readExamples(splits["train"]!, ["choices"], [0]);
  expect(first!["choices"]).toEqual({ options: ["iron", "zinc"], answer: 0 });
});

test("a file that is cut off, damaged or packed by an unknown codec is refused by what it is", async () => {
  const whole = written(notes(0, 4));
  const cut = await refused({ "train.parquet": whole.subarray(0, whole.length - 9) });
  expect(cut).toMatchObject({ code: "bad-file" });
  expect(cut.message).toContain("damaged or cut off");
  // Codec 3 is LZO; the writer names snappy 1 in the index of the file.
  const unknown = Uint8Array.from(whole);
  const index = unknown.length - 8 - new DataView(unknown.buffer).getUint32(unknown.length - 8, true);
  let changed = 0;
  for (let at = index; at < unknown.length - 8; at++)
    // Field 4 of a column's metadata, of type i32, holds the codec as a zigzag number.
    if (unknown[at] === 0x15 && unknown[at + 1] === 0x02 && unknown[at + 2] === 0x16) {
      unknown[at + 1] = 0x06;
      changed++;
    }
  expect(changed).toBeGreaterThan(0);
  const error = await refused({ "train.parquet": unknown });
  expect(error.message).toMatch(/codec that is not read/);
  const limited = await refused({ "train.parquet": whole }, { maxBytes: 100 });
  expect(limited.message).toContain("maxBytes");
});
