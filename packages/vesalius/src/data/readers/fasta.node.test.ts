import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { columnOf } from "../dataset/index.ts";
import { type Files, bytes, open, refused } from "./readers.test.helper.ts";

describe("fasta", () => {
  const files = {
    "positives.fa": ">s1 first\nACGT\nacgt\n>s2\nGGGG\n",
    "negatives.fa.gz": gzipSync(bytes(">n1\nTTTT\n>n2\nCCCC\n")),
    "splits.csv": "id,label,split,group\ns1,1,train,a\ns2,1,val,b\nn1,0,train,a\nn2,0,val,c\n",
  };

  it("reads positives and negatives with a table of splits and groups", async () => {
    const { splits, unit } = await open(files);
    expect(unit).toBe("sequences");
    const train = splits["train"]!;
    expect(train).toMatchObject({ ids: ["n1", "s1"], groups: ["a", "a"], attributes: {} });
    expect(columnOf(train, "sequence", "sequences")).toMatchObject({ alphabet: "dna", values: ["TTTT", "ACGTACGT"] });
    expect(columnOf(train, "label", "classes")).toMatchObject({
      names: ["negative", "positive"],
      values: Int32Array.of(0, 1),
    });
  });

  it("reads proteins by split, and labels in headers", async () => {
    const { splits } = await open({
      "train.fasta": ">a label=x\nMKV\n>b label=y\nMKL\n",
      "test.fasta": ">c label=x\nMKW\n",
    });
    expect(columnOf(splits["test"]!, "sequence", "sequences").alphabet).toBe("protein");
    expect(columnOf(splits["test"]!, "label", "classes").names).toEqual(["x", "y"]);
    expect(Object.keys((await open({ "x.fa": ">a\nACGU\n" })).splits["train"]!.columns)).toEqual(["sequence"]);
  });

  it.each([
    ["an identifier twice", { "negatives.fa.gz": ">n1\nTTTT\n>n1\nTTTT\n" }, "twice"],
    ["a sequence that the table lacks", { "positives.fa": ">other\nACGT\n" }, "not in the table"],
    ["a table entry without a sequence", { "positives.fa": ">s1\nACGT\n" }, "1 entries"],
    ["another label than the file's", { "splits.csv": files["splits.csv"].replace("s1,1", "s1,0") }, "another label"],
    ["letters of no alphabet", { "positives.fa": ">s1\nAC7T\n>s2\nA\n" }, "no alphabet"],
    ["letters before a header", { "positives.fa": "ACGT\n" }, "line 1"],
    ["an empty sequence", { "positives.fa": ">s1\n>s2\nA\n" }, "line 1"],
    ["a header without a name", { "positives.fa": ">\nACGT\n" }, "line 1"],
    ["an empty file", { "positives.fa": "" }, "no sequences"],
    ["a truncated gzip file", { "negatives.fa.gz": files["negatives.fa.gz"].subarray(0, 12) }, "gzip"],
    ["a group in two splits", { "splits.csv": files["splits.csv"].replace("val,b", "val,a") }, "same group"],
  ] as [string, Files, string][])("refuses %s", async (_, change, message) => {
    expect((await refused({ ...files, ...change })).message).toContain(message);
  });
});
