import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { failure, makeFolder } from "../data.test.helper.ts";
import { openDataset } from "../open-dataset.node.ts";
import { refused } from "./readers.test.helper.ts";

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

  it("says what else the file holds, and reads numbers that may be missing", async () => {
    const folder = await made((file) => {
      dense(file);
      file
        .create_group("layers")
        .create_dataset({ name: "counts", data: Float32Array.of(1, 0, 0, 2, 3, 4), shape: [3, 2] });
      file.create_group("obsm").create_dataset({ name: "X_pca", data: Float32Array.of(1, 2, 3), shape: [3, 1] });
      const obs = file.get("obs") as ReturnType<Made["create_group"]>;
      const age = obs.create_group("age");
      age.create_dataset({ name: "values", data: Int32Array.of(61, 1, 70) });
      age.create_dataset({ name: "mask", data: Int8Array.of(0, 1, 0) });
      obs.create_group("spectrum");
    });
    const { splits, card } = await openDataset(folder);
    expect(splits["train"]!.attributes["age"]).toEqual([61, null]);
    expect(card.cautions).toContainEqual(
      "Of the file the matrix X was read, and not: other matrices (layers/counts), vectors of the cells (1), annotations of other kinds than numbers, texts and categories (1).",
    );
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
