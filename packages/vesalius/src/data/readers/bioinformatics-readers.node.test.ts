import { join } from "node:path";
import { gzipSync } from "fflate";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { failure, makeFolder } from "../data.test.helper.ts";
import { openDataset, type OpenDatasetOptions } from "../open-data.node.ts";
import { uniqueGenes } from "./cells.ts";
import { readTransposedMatrix } from "./matrix-market.ts";

type Files = Record<string, string | Uint8Array>;
const open = async (files: Files, options?: OpenDatasetOptions) => openDataset(await makeFolder(files), options);
const refused = async (files: Files, options?: OpenDatasetOptions) => failure(() => open(files, options));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

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

/** A matrix of genes by cells as 10x writes it. */
const matrixFile = (genes: number, cells: number, entries: readonly (readonly [number, number, number])[]): string =>
  `%%MatrixMarket matrix coordinate integer general\n%comment\n${genes} ${cells} ${entries.length}\n${entries.map((entry) => entry.join(" ")).join("\n")}\n`;

describe("readTransposedMatrix", () => {
  it("gives every entry back by cell, whatever the order", () => {
    const entry = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 99 }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ([gene, cell]) => `${gene} ${cell}` }), (entries) => {
        const { indptr, indices, values } = readTransposedMatrix(bytes(matrixFile(6, 5, entries)), "m");
        const found: number[][] = [];
        for (let cell = 0; cell < 5; cell++) {
          const genes = [...indices.subarray(indptr[cell], indptr[cell + 1])];
          expect(genes).toEqual([...genes].sort((a, b) => a - b));
          for (let at = indptr[cell]!; at < indptr[cell + 1]!; at++)
            found.push([indices[at]! + 1, cell + 1, values[at]!]);
        }
        const sorted = (list: readonly (readonly number[])[]) => list.map((one) => one.join(" ")).sort();
        expect(sorted(found)).toEqual(sorted(entries));
      }),
    );
  });

  it.each([
    ["no banner", "3 3 1\n1 1 1\n", "no Matrix Market"],
    ["arrays", "%%MatrixMarket matrix array real general\n1 1\n1\n", "array"],
    ["a count that the file cannot hold", matrixFile(3, 3, []).replace("3 3 0", "3000 3000 4000000"), "claims 4000000"],
    ["a truncated file", matrixFile(3, 3, [[1, 1, 1]]).replace("3 3 1", "3 3 2"), "ends after 1"],
    ["entries beyond the count", `${matrixFile(3, 3, [[1, 1, 1]])}2 2 2\n`, "more than its 1"],
    ["a gene outside", matrixFile(3, 3, [[4, 1, 1]]), "line 4"],
    ["a value that is no number", matrixFile(3, 3, [[1, 1, 1]]).replace("1 1 1\n", "1 1 x\n"), "line 4"],
    [
      "a place twice",
      matrixFile(3, 3, [
        [1, 1, 1],
        [1, 1, 2],
      ]),
      "twice",
    ],
    ["no sizes", "%%MatrixMarket matrix coordinate integer general\n", "sizes"],
  ])("refuses %s", async (_, text, message) => {
    expect((await failure(() => readTransposedMatrix(bytes(text), "m"))).message).toContain(message);
  });
});

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

describe("h5ad", async () => {
  const { File, ready } = await import("h5wasm/node");
  await ready;
  type Made = InstanceType<typeof File>;

  /** An AnnData file as anndata writes it, with a matrix that a function adds. */
  async function made(add: (file: Made) => void): Promise<string> {
    const folder = await makeFolder();
    const file = new File(join(folder, "x.h5ad"), "w");
    for (const [table, names] of [
      ["obs", ["c1", "c2", "c3"]],
      ["var", ["G1", "G2"]],
    ] as const) {
      const group = file.create_group(table);
      group.create_attribute("_index", "_index");
      group.create_dataset({ name: "_index", data: [...names] });
    }
    const obs = file.get("obs") as ReturnType<Made["create_group"]>;
    const type = obs.create_group("cell_type");
    type.create_dataset({ name: "categories", data: ["B", "T"] });
    type.create_dataset({ name: "codes", data: Int8Array.of(1, 0, -1) });
    obs.create_dataset({ name: "split", data: ["train", "train", "val"] });
    obs.create_dataset({ name: "depth", data: Float32Array.of(1, 2, 3) });
    add(file);
    file.close();
    return folder;
  }
  const dense = (file: Made): void => {
    file.create_dataset({ name: "X", data: Float32Array.of(1, 0, 0, 2.5, 3, 4), shape: [3, 2] });
  };
  const sparse =
    (encoding: string, parts: readonly [number[], number[], number[]], path = "X") =>
    (file: Made): void => {
      const group = path === "X" ? file.create_group("X") : file.create_group("layers").create_group(path);
      group.create_attribute("encoding-type", encoding);
      for (const [i, name] of ["indptr", "indices", "data"].entries())
        group.create_dataset({
          name,
          data: name === "data" ? Float32Array.from(parts[i]!) : Int32Array.from(parts[i]!),
        });
    };
  const wanted = [
    { genes: Int32Array.of(0), values: Float32Array.of(1) },
    { genes: Int32Array.of(1), values: Float32Array.of(2.5) },
  ];

  it.each([
    ["dense", dense],
    [
      "by cells, genes in any order",
      sparse("csr_matrix", [
        [0, 1, 2, 4],
        [0, 1, 1, 0],
        [1, 2.5, 4, 3],
      ]),
    ],
    [
      "by genes",
      sparse("csc_matrix", [
        [0, 2, 4],
        [0, 2, 1, 2],
        [1, 3, 2.5, 4],
      ]),
    ],
  ])("reads a matrix that is %s", async (_, add) => {
    const { splits } = await openDataset(await made(add));
    const train = splits["train"]!;
    const examples = await readExamples(train, ["expression", "label"], [0, 1]);
    expect(examples.map((example) => example["expression"])).toEqual(wanted);
    expect(examples.map((example) => example["label"])).toEqual([1, 0]);
    expect(train).toMatchObject({ ids: ["c1", "c2"], attributes: { depth: [1, 2] } });
    const [last] = await readExamples(splits["validation"]!, ["expression", "label"], [0]);
    expect(last).toEqual({ expression: { genes: Int32Array.of(0, 1), values: Float32Array.of(3, 4) }, label: null });
  });

  it("reads a layer, and refuses a matrix that is no counts when asked", async () => {
    const counts = sparse(
      "csr_matrix",
      [
        [0, 1, 2, 3],
        [0, 1, 1],
        [1, 2, 4],
      ],
      "counts",
    );
    const folder = await made((file) => {
      dense(file);
      counts(file);
    });
    const { splits } = await openDataset(folder, { matrix: "counts", counts: true });
    expect(columnOf(splits["train"]!, "expression", "expressions").values).toEqual(Float32Array.of(1, 2));
    expect((await failure(() => openDataset(folder, { counts: true }))).message).toContain("other values than counts");
    expect((await failure(() => openDataset(folder, { matrix: "raw" }))).message).toContain("no raw/var");
  });

  it.each([
    [
      "parts that do not fit",
      sparse("csr_matrix", [
        [0, 1, 2, 9],
        [0, 1],
        [1, 2],
      ]),
      "do not fit",
    ],
    [
      "genes outside",
      sparse("csr_matrix", [
        [0, 1, 2, 3],
        [0, 1, 7],
        [1, 2, 3],
      ]),
      "do not fit",
    ],
    ["another kind", sparse("coo_matrix", [[0], [0], [0]]), "not read"],
    [
      "another shape",
      (file: Made) => file.create_dataset({ name: "X", data: Float32Array.of(1, 2), shape: [1, 2] }),
      "1 x 2",
    ],
    [
      "NaN",
      (file: Made) =>
        file.create_dataset({ name: "X", data: Float32Array.of(1, 0, 0, Number.NaN, 3, 4), shape: [3, 2] }),
      "not finite",
    ],
    ["no matrix", () => {}, "no X"],
  ] as [string, (file: Made) => void, string][])("refuses %s", async (_, add, message) => {
    const folder = await made(add);
    expect((await failure(() => openDataset(folder))).message).toContain(message);
  });

  it("refuses what is no HDF5 file", async () => {
    const error = await refused({ "x.h5ad": "not one" });
    expect(error.code).toBe("bad-file");
  });
});
