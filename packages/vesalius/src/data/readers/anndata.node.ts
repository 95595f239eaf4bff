import { open, stat } from "node:fs/promises";
import type { Dataset as HdfDataset, Entity, File as HdfFile, Group } from "h5wasm/node";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import type { MemoryBudget } from "../files/memory-budget.ts";
import type { Cell } from "./records/records.ts";

/** What is read of an AnnData file. */
export interface AnnData {
  readonly barcodes: readonly string[];
  readonly genes: readonly string[];
  /** Expression by cell (CSR); zeros of a dense matrix are left out. */
  readonly indptr: Float64Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
  /** Annotations of the cells (`obs`) by name, one for each cell. */
  readonly annotations: ReadonlyMap<string, readonly Cell[]>;
  /** What else the file holds and is not read, in words: other matrices, tables of vectors, annotations of other kinds. */
  readonly left: readonly string[];
}

/** What of a file is read. */
export interface AnnDataOptions {
  readonly matrix: string;
  readonly geneColumn: string | undefined;
  readonly budget: MemoryBudget;
}

/**
 * Loads h5wasm, an optional peer dependency.
 *
 * @throws VesaliusError `missing-dependency` with the command that installs it
 */
async function loadHdf() {
  try {
    const hdf = await import("h5wasm/node");
    await hdf.ready;
    return hdf;
  } catch (error) {
    throw new VesaliusError(
      "missing-dependency",
      "AnnData files are read by the package h5wasm, which cannot be loaded",
      {
        fix: "npm install h5wasm",
        cause: error,
      },
    );
  }
}

const isGroup = (found: Entity | null): found is Group => found !== null && "keys" in found;
const isDataset = (found: Entity | null): found is HdfDataset => found !== null && "shape" in found;

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a file begins as HDF5 does, itself or after a block of 512, 1024 or 2048 bytes of somebody else. */
async function isHdf(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    for (const offset of [0, 512, 1024, 2048]) {
      const start = new Uint8Array(SIGNATURE.length);
      await file.read(start, 0, start.length, offset);
      if (SIGNATURE.every((byte, i) => start[i] === byte)) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}

/** One open file, whose members are looked up by path. Links to other files are not followed. */
class Members {
  private readonly file: HdfFile;
  readonly where: string;

  private readonly budget: MemoryBudget;

  constructor(file: HdfFile, where: string, budget: MemoryBudget) {
    this.file = file;
    this.where = where;
    this.budget = budget;
  }

  /** The member of a path; null where there is none. */
  private find(path: string): Entity | null {
    let group: Group = this.file;
    const names = path.split("/");
    for (const [i, name] of names.entries()) {
      const found: Entity | null = group.keys().includes(name) ? group.get(name) : null;
      if (i === names.length - 1 || !isGroup(found)) return i === names.length - 1 ? found : null;
      group = found;
    }
    return null;
  }

  has(path: string): boolean {
    return this.find(path) !== null;
  }

  group(path: string): Group | undefined {
    const found = this.find(path);
    return isGroup(found) ? found : undefined;
  }

  dataset(path: string): HdfDataset {
    const found = this.find(path);
    if (isDataset(found)) return found;
    throw new VesaliusError("bad-data", `the file has no ${path}`, {
      where: this.where,
      fix: "write it with anndata's write_h5ad",
    });
  }

  /** Values of a dataset of one axis. */
  list(path: string): ArrayLike<string | number | bigint> {
    const dataset = this.dataset(path);
    const { shape } = dataset;
    if (shape?.length !== 1) throw new VesaliusError("bad-data", `${path} is no list`, { where: this.where });
    // As stored and as the reader keeps it.
    this.budget.claim(16 * shape[0]!, path, this.where);
    const { value } = dataset;
    if (value === null || typeof value !== "object")
      throw new VesaliusError("bad-data", `${path} is no list`, { where: this.where });
    return value as ArrayLike<string | number | bigint>;
  }

  /** The same as texts. */
  texts(path: string): string[] {
    return Array.from(this.list(path), String);
  }

  attribute(path: string, name: string): unknown {
    const found = this.find(path);
    return isGroup(found) || isDataset(found) ? found.attrs[name]?.value : undefined;
  }
}

/** Names of a table's rows (`obs`, `var`): its index, whatever column that is. */
function indexOf(members: Members, table: string): string[] {
  const column = members.attribute(table, "_index");
  return members.texts(`${table}/${typeof column === "string" ? column : "_index"}`);
}

/** Names of categories by their codes, null for -1, which stands for a missing one. */
function categoriesOf(members: Members, what: string, names: string, codes: string): Cell[] {
  const categories = members.texts(names);
  return Array.from(members.list(codes), (code): Cell => {
    const index = Number(code);
    if (index === -1) return null;
    const name = categories[index];
    if (name !== undefined) return name;
    throw new VesaliusError("bad-data", `${what} holds the code ${index} of ${categories.length} categories`, {
      where: members.where,
    });
  });
}

/** Values of one column of a table: categories of a code, or as they are. */
function columnOf(members: Members, table: string, name: string): Cell[] | undefined {
  const path = `${table}/${name}`;
  if (members.group(path) !== undefined) {
    if (members.has(`${path}/values`) && members.has(`${path}/mask`)) return nullableOf(members, path);
    if (!members.has(`${path}/codes`) || !members.has(`${path}/categories`)) return undefined;
    return categoriesOf(members, path, `${path}/categories`, `${path}/codes`);
  }
  // Files before version 0.7 keep the categories of all columns in one place.
  const old = `${table}/__categories/${name}`;
  if (members.has(old)) return categoriesOf(members, path, old, path);
  return Array.from(members.list(path), cellOf);
}

function cellOf(value: unknown): Cell {
  if (typeof value === "string") return value === "" ? null : value;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Values of pandas' integers, booleans and texts that may be missing, which a mask says. */
function nullableOf(members: Members, path: string): Cell[] {
  const missing = members.list(`${path}/mask`);
  return Array.from(members.list(`${path}/values`), (value, row) =>
    Number(missing[row]) === 0 ? cellOf(value) : null,
  );
}

/** Tables beside the matrix, and what they hold for people. */
const tablesBeside: readonly (readonly [path: string, holds: string])[] = [
  ["obsm", "vectors of the cells"],
  ["varm", "vectors of the genes"],
  ["obsp", "relations of the cells"],
  ["varp", "relations of the genes"],
  ["uns", "entries of uns"],
];

/** What of a file is not read, in words. */
function leftOf(members: Members, matrixPath: string, annotations: ReadonlyMap<string, unknown>): string[] {
  const namesIn = (path: string): readonly string[] => members.group(path)?.keys() ?? [];
  const matrices = [
    ...(members.has("X") ? ["X"] : []),
    ...(members.has("raw/X") ? ["raw/X"] : []),
    ...namesIn("layers").map((name) => `layers/${name}`),
  ].filter((path) => path !== matrixPath);
  const index = members.attribute("obs", "_index");
  const unread = namesIn("obs").filter(
    (name) => name !== index && name !== "_index" && name !== "__categories" && !annotations.has(name),
  );
  return [
    ...(matrices.length === 0
      ? []
      : [`other matrices (${matrices.slice(0, 8).join(", ")}${matrices.length > 8 ? ", ..." : ""})`]),
    ...tablesBeside.flatMap(([path, holds]) => {
      const { length } = namesIn(path);
      return length === 0 ? [] : [`${holds} (${length})`];
    }),
    ...(unread.length === 0
      ? []
      : [`annotations of other kinds than numbers, texts and categories (${unread.length})`]),
  ];
}

function annotationsOf(members: Members, cells: number): ReadonlyMap<string, readonly Cell[]> {
  const index = members.attribute("obs", "_index");
  const names = members
    .group("obs")!
    .keys()
    .filter((name) => name !== index && name !== "_index" && name !== "__categories");
  const columns = names.map((name) => [name, columnOf(members, "obs", name)] as const);
  for (const [name, values] of columns) {
    if (values !== undefined && values.length !== cells)
      throw new VesaliusError("bad-data", `the annotation ${name} has ${values.length} values for ${cells} cells`, {
        where: members.where,
      });
  }
  return new Map(columns.flatMap(([name, values]) => (values === undefined ? [] : [[name, values] as const])));
}

type Sparse = Pick<AnnData, "indptr" | "indices" | "values">;

/** Rows of a compressed matrix, which stores one axis after the other. */
function compressed(members: Members, path: string, cells: number, genes: number): Sparse {
  const encoding = members.attribute(path, "encoding-type") ?? members.attribute(path, "h5sparse_format");
  const byCell = encoding === "csr_matrix" || encoding === "csr";
  if (!byCell && encoding !== "csc_matrix" && encoding !== "csc")
    throw new VesaliusError("bad-data", `the matrix ${path} is of a kind that is not read`, {
      where: members.where,
      fix: "store it as csr_matrix, csc_matrix or dense",
    });
  const indptr = Float64Array.from(members.list(`${path}/indptr`), Number);
  const indices = Int32Array.from(members.list(`${path}/indices`), Number);
  const values = Float32Array.from(members.list(`${path}/data`), Number);
  const [major, minor] = byCell ? [cells, genes] : [genes, cells];
  const fits =
    indptr.length === major + 1 &&
    indptr.at(-1) === values.length &&
    indices.length === values.length &&
    indptr.every((end, i) => (i === 0 ? end === 0 : end >= indptr[i - 1]!)) &&
    indices.every((index) => index >= 0 && index < minor);
  if (!fits)
    throw new VesaliusError(
      "bad-data",
      `the parts of the matrix ${path} do not fit ${cells} cells and ${genes} genes`,
      { where: members.where },
    );
  const by = { indptr, indices, values };
  // Transposing twice sorts the genes of each cell.
  return byCell ? transposed(transposed(by, genes), cells) : transposed(by, cells);
}

/** The other axis first; the indices of the result ascend. */
function transposed({ indptr, indices, values }: Sparse, minor: number): Sparse {
  const starts = new Float64Array(minor + 1);
  for (const index of indices) starts[index + 1]!++;
  for (let i = 0; i < minor; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice(0, minor);
  const others = new Int32Array(indices.length);
  const moved = new Float32Array(indices.length);
  for (let major = 0; major + 1 < indptr.length; major++) {
    for (let at = indptr[major]!; at < indptr[major + 1]!; at++) {
      const place = next[indices[at]!]!++;
      others[place] = major;
      moved[place] = values[at]!;
    }
  }
  return { indptr: starts, indices: others, values: moved };
}

function dense(members: Members, path: string, cells: number, genes: number): Sparse {
  const dataset = members.dataset(path);
  const [rows, columns] = dataset.shape ?? [];
  if (rows !== cells || columns !== genes)
    throw new VesaliusError(
      "bad-data",
      `the matrix ${path} is ${dataset.shape?.join(" x ")}, not ${cells} cells by ${genes} genes`,
      { where: members.where },
    );
  const all = dataset.value as ArrayLike<number>;
  const indptr = new Float64Array(cells + 1);
  for (let i = 0; i < all.length; i++) if (all[i] !== 0) indptr[Math.floor(i / genes) + 1]!++;
  for (let cell = 0; cell < cells; cell++) indptr[cell + 1]! += indptr[cell]!;
  const indices = new Int32Array(indptr[cells]!);
  const values = new Float32Array(indptr[cells]!);
  let at = 0;
  for (let i = 0; i < all.length; i++) {
    if (all[i] === 0) continue;
    indices[at] = i % genes;
    values[at++] = Number(all[i]);
  }
  return { indptr, indices, values };
}

/**
 * Reads the cells of an AnnData file: one matrix, dense or sparse by cells or by genes, with names and annotations.
 *
 * @throws VesaliusError `bad-file` for a file that is no HDF5, `bad-data` for parts that are missing or do not fit
 */
export async function readAnnData(path: string, { matrix, geneColumn, budget }: AnnDataOptions): Promise<AnnData> {
  const { File } = await loadHdf();
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  budget.claim(size, "the file", path);
  const damaged = (cause?: unknown): VesaliusError =>
    new VesaliusError("bad-file", "the file is no HDF5 file, or damaged", {
      where: path,
      ...(cause === undefined ? {} : { cause }),
    });
  if (!(await isHdf(path))) throw damaged();
  let file: HdfFile;
  try {
    file = new File(path, "r");
    // A damaged file opens, and fails at the first look.
    file.keys();
  } catch (error) {
    throw damaged(error);
  }
  try {
    const members = new Members(file, path, budget);
    const table = matrix === "raw" ? "raw/var" : "var";
    const matrixPath = matrix === "X" ? "X" : matrix === "raw" ? "raw/X" : `layers/${matrix}`;
    const barcodes = indexOf(members, "obs");
    const genes = geneColumn === undefined ? indexOf(members, table) : members.texts(`${table}/${geneColumn}`);
    if (members.group(matrixPath) === undefined) budget.claim(8 * barcodes.length * genes.length, "the matrix", path);
    const read = members.group(matrixPath) === undefined ? dense : compressed;
    const sparse = read(members, matrixPath, barcodes.length, genes.length);
    if (!sparse.values.every(Number.isFinite))
      throw new VesaliusError("not-a-number", `the matrix ${matrixPath} holds values that are not finite`, {
        where: path,
        fix: "replace NaN and infinity before saving the file",
      });
    const annotations = annotationsOf(members, barcodes.length);
    return { barcodes, genes, ...sparse, annotations, left: leftOf(members, matrixPath, annotations) };
  } catch (error) {
    if (error instanceof VesaliusError) throw error;
    throw damaged(error);
  } finally {
    file.close();
  }
}
