import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { uniqueGenes } from "./cells.ts";
import { type Files, bytes, matrixFile, open, refused } from "./readers.test.helper.ts";

describe("tenX", () => {
  const files = {
    "matrix.mtx.gz": gzipSync(
      bytes(
        matrixFile(4, 3, [
          [1, 1, 5],
          [3, 1, 2],
          [2, 2, 1],
          [4, 3, 9],
          [1, 3, 1],
        ]),
      ),
    ),
    "features.tsv":
      "E1\tTP53\tGene Expression\nE2\tMYC\tGene Expression\nE3\tMYC\tGene Expression\nA1\tCD3\tAntibody Capture\n",
    "barcodes.tsv": "c1\nc2\nc3\n",
    "obs.csv": "cell,cell_type,batch,split\nc3,T,x,val\nc1,T,x,train\nc2,B,y,train\n",
  };

  it("reads cells with annotations in any order, genes by symbol, and leaves antibodies out", async () => {
    const { splits, card } = await open(files);
    const train = splits["train"]!;
    expect(train).toMatchObject({ ids: ["c1", "c2"], attributes: { batch: ["x", "y"] } });
    expect(columnOf(train, "expression", "expressions").genes).toEqual(["TP53", "MYC", "MYC-1"]);
    expect(await readExamples(train, ["expression", "label"], [0])).toEqual([
      { expression: { genes: Int32Array.of(0, 2), values: Float32Array.of(5, 2) }, label: 1 },
    ]);
    expect(columnOf(splits["validation"]!, "expression", "expressions").values).toEqual(Float32Array.of(1));
    expect(card.cautions.join(" ")).toMatch(/1 gene symbols occur again.*1 features that are no genes/);
    const byId = await open(files, { geneNames: "identifier", labelColumn: "batch" });
    expect(columnOf(byId.splits["train"]!, "expression", "expressions").genes).toEqual(["E1", "E2", "E3"]);
    expect(columnOf(byId.splits["train"]!, "label", "classes").names).toEqual(["x", "y"]);
  });

  it.each([
    ["another number of genes", { "features.tsv": "E1\tTP53\n" }, "list 1 and 3"],
    ["a cell without annotation", { "obs.csv": "cell,cell_type\nc1,T\nc2,B\n" }, "1 of these lack"],
    ["a cell annotated twice", { "obs.csv": `${files["obs.csv"]}c1,T,x,train\n` }, "twice"],
    ["annotations without cells", { "obs.csv": "kind\nT\n" }, "no column barcode"],
    ["no barcodes", { "barcodes.tsv": "" }, "list 4 and 0"],
  ] as [string, Files, string][])("refuses %s", async (_, change, message) => {
    expect((await refused({ ...files, ...change })).message).toContain(message);
  });
});

describe("uniqueGenes", () => {
  it("numbers what occurs again, beside names that look so already", () => {
    expect(uniqueGenes(["A", "A-1", "A", "B", "A"])).toEqual({ genes: ["A", "A-1", "A-2", "B", "A-3"], repeated: 2 });
  });
});
