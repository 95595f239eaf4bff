import { open, stat } from "node:fs/promises";
import type { AsyncBuffer, Compressors, FileMetaData } from "hyparquet";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { missingDependency } from "../../common/missing-dependency.ts";
import { parseJson } from "../../common/parse-json.ts";

/** Part of a Parquet file that is read as a whole. */
interface RowGroup {
  readonly rows: number;
  /** Bytes of its values, unpacked. */
  readonly bytes: number;
}

/** A Parquet file of which nothing but the index at its end has been read. */
export interface ParquetFile {
  readonly rows: number;
  readonly groups: readonly RowGroup[];
  /** Names of the columns at the top. */
  readonly columns: readonly string[];
  /**
   * The rows of a group as plain data: whole numbers beyond 2^53 are texts, times ISO 8601, and classes of Hugging Face's
   * datasets their names.
   *
   * @param columns those to read; all without it
   * @throws VesaliusError `bad-file` for damaged content
   */
  read(group: number, columns?: readonly string[]): Promise<Record<string, unknown>[]>;
}

async function loadParquet() {
  try {
    return await import("hyparquet");
  } catch (error) {
    throw missingDependency("hyparquet", "Parquet files are read by the package hyparquet", error);
  }
}

/** Codecs that hyparquet unpacks by itself. */
const PLAIN: ReadonlySet<string> = new Set(["UNCOMPRESSED", "SNAPPY"]);
const PACKED: ReadonlySet<string> = new Set(["GZIP", "BROTLI", "ZSTD", "LZ4", "LZ4_RAW"]);

/** What unpacks the columns of a file. */
async function compressorsFor({ row_groups }: FileMetaData, where: string): Promise<Compressors | undefined> {
  const codecs = new Set(row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => String(meta_data?.codec))));
  const unknown = [...codecs].filter((codec) => !PLAIN.has(codec) && !PACKED.has(codec));
  if (unknown.length > 0)
    throw new VesaliusError("bad-file", "the Parquet file is packed by a codec that is not read", {
      where,
      fix: `write it with snappy, zstd, gzip, brotli or lz4 (pyarrow: compression="snappy")`,
    });
  if ([...codecs].every((codec) => PLAIN.has(codec))) return undefined;
  try {
    return (await import("hyparquet-compressors")).compressors;
  } catch (error) {
    throw missingDependency("hyparquet-compressors", "This Parquet file is unpacked by hyparquet-compressors", error);
  }
}

const classSchema = z.looseObject({ _type: z.literal("ClassLabel"), names: z.array(z.string()) });

/** Names of the classes of columns, where Hugging Face's datasets keep them. */
function classNamesOf({ key_value_metadata = [] }: FileMetaData): ReadonlyMap<string, readonly string[]> {
  const text = key_value_metadata.find(({ key }) => key === "huggingface")?.value;
  const names = new Map<string, readonly string[]>();
  if (text === undefined) return names;
  let described: unknown;
  try {
    described = parseJson(text);
  } catch {
    return names;
  }
  const info = z
    .looseObject({ info: z.looseObject({ features: z.record(z.string(), z.unknown()) }) })
    .safeParse(described);
  for (const [column, feature] of Object.entries(info.data?.info.features ?? {})) {
    const classes = classSchema.safeParse(feature);
    if (classes.success) names.set(column, classes.data.names);
  }
  return names;
}

/** A value as JSON has it. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value === undefined || (typeof value === "number" && Number.isNaN(value))) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return value instanceof Uint8Array ? null : Array.from(value as Float64Array, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  return value;
}

/**
 * Checks that the columns of a group are in the schema, which hyparquet finds out after it has begun to read others.
 *
 * @throws Error where one is not
 */
function requireColumns({ schema }: FileMetaData, { columns }: FileMetaData["row_groups"][number]): void {
  const paths = new Set<string>();
  let at = 1;
  const walk = (path: readonly string[]): void => {
    const element = schema[at++];
    if (element === undefined) throw new Error("the schema ends early");
    const own = [...path, element.name];
    paths.add(JSON.stringify(own));
    for (let child = 0; child < (element.num_children ?? 0); child++) walk(own);
  };
  while (at < schema.length) walk([]);
  for (const { meta_data } of columns)
    if (meta_data === undefined || !paths.has(JSON.stringify(meta_data.path_in_schema)))
      throw new Error("a column is not in the schema");
}

/** A file as hyparquet reads it: one part after the other, none longer than what it asks for. */
async function partsOf(path: string): Promise<AsyncBuffer> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  return {
    byteLength: size,
    async slice(start, end = size) {
      const file = await open(path, "r");
      try {
        const buffer = Buffer.alloc(Math.max(0, Math.min(end, size) - start));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
        return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}

/**
 * Opens a Parquet file; its rows are read group by group.
 *
 * @throws VesaliusError `bad-file` for one that is cut, damaged or packed by an unknown codec, `missing-dependency`
 */
export async function openParquet(path: string): Promise<ParquetFile> {
  const { parquetMetadataAsync, parquetReadObjects } = await loadParquet();
  const file = await partsOf(path);
  const damaged = (cause: unknown): VesaliusError =>
    cause instanceof VesaliusError
      ? cause
      : new VesaliusError("bad-file", "the Parquet file is damaged or cut off", {
          where: path,
          fix: "copy the file again",
          cause,
        });
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file);
  } catch (error) {
    throw damaged(error);
  }
  const compressors = await compressorsFor(metadata, path);
  const classes = classNamesOf(metadata);
  const columns = metadata.schema.slice(1).filter((_, i) => topLevel(metadata.schema).includes(i + 1));
  return {
    rows: Number(metadata.num_rows),
    groups: metadata.row_groups.map(({ num_rows, total_byte_size }) => ({
      rows: Number(num_rows),
      bytes: Number(total_byte_size),
    })),
    columns: columns.map(({ name }) => name),
    async read(group, only) {
      let rows: Record<string, unknown>[];
      try {
        // One group is all that is looked at: of several that hyparquet starts, one that fails would leave the others behind.
        const one = metadata.row_groups[group]!;
        requireColumns(metadata, one);
        rows = await parquetReadObjects({
          file,
          metadata: { ...metadata, row_groups: [one], num_rows: one.num_rows },
          ...(compressors === undefined ? {} : { compressors }),
          ...(only === undefined ? {} : { columns: [...only] }),
        });
      } catch (error) {
        throw damaged(error);
      }
      return rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, value]) => {
            const found = plain(value);
            const name = typeof found === "number" ? classes.get(column)?.[found] : undefined;
            // Hugging Face writes -1 where a class is not given.
            return [column, name ?? (classes.has(column) && found === -1 ? null : found)];
          }),
        ),
      );
    },
  };
}

/** Positions of the elements at the top of a schema, which is written depth first. */
function topLevel(schema: FileMetaData["schema"]): number[] {
  const found: number[] = [];
  let at = 1;
  const skip = (): void => {
    const children = schema[at]?.num_children ?? 0;
    at++;
    for (let child = 0; child < children; child++) skip();
  };
  while (at < schema.length) {
    found.push(at);
    skip();
  }
  return found;
}
