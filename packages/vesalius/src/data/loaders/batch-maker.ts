import { randomStream } from "../../common/random.ts";
import { elementCount, type Tensors } from "../../common/tensor.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Column } from "../column.ts";
import { kindOf } from "../columns/index.ts";
import { columnNamed } from "../dataset/rows.ts";
import type { Encoder, PartValues } from "../encoders/encoder.ts";
import type { Batch, FeedCounts, FeedPlan, InputTypes, Part } from "../feeds.ts";
import type { Split } from "../split.ts";
import type { ExampleTransform, Moved } from "../transforms/moved.ts";
import type { Bucket } from "./buckets.ts";
import { preparedCache } from "./prepared-cache.ts";
import { builtInFeeds, type FeedCatalogues } from "./feed-catalogues.ts";

/** What of a split batches are made from: nothing else is handed to a thread. */
export type FedSplit = Pick<Split, "name" | "columns">;

/** A part made ready. */
interface ReadyPart {
  readonly name: string;
  readonly part: Part;
  readonly encoder: Encoder;
  readonly transforms: readonly ExampleTransform[];
  readonly prepared: (row: number, values: PartValues) => PartValues;
}

/** Makes batches of given rows. */
export interface BatchMaker {
  /** Encoders by part. */
  readonly encoders: Readonly<Record<string, Encoder>>;
  inputs(bucket: Bucket): InputTypes;
  make(step: number, rows: Int32Array, bucket: Bucket): Promise<Batch>;
  /** Looks at every example once. */
  survey(length: number): Promise<Survey>;
}

/** What a look at every example gives. */
export interface Survey {
  /** By part that varies and whose extent is its own, the extent that each example needs, `[length]`. */
  readonly needed: Readonly<Record<string, Int32Array>>;
  readonly counts: FeedCounts;
}

const chunk = 1024;

function checkColumns(
  split: FedSplit,
  { columns }: Part,
  columnOf: (name: string) => Column,
  encoder: Encoder,
  where: string,
): void {
  columns.forEach((name, i) => {
    const column = columnOf(name);
    const kinds = encoder.reads[Math.min(i, encoder.reads.length - 1)]!;
    if (!kinds.includes(column.kind))
      throw new VesaliusError(
        "bad-data",
        `the column ${name} holds ${column.kind}, ${where} reads ${kinds.join(" or ")}`,
        {
          where: `split ${split.name}`,
        },
      );
  });
}

/** Example values of a part: null where one of its columns has none. */
const valuesOf = (columns: readonly (readonly unknown[])[], i: number): PartValues | null => {
  const values = columns.map((column) => column[i]);
  return values.includes(null) ? null : values;
};

/**
 * Makes the batches of a plan. The one place where batches come from: threads and the caller's own thread both run it,
 * which is why their batches agree in every bit.
 *
 * @throws VesaliusError `bad-data` for a column that is absent or of another kind; `bad-configuration` for names and
 * settings that no catalogue holds
 */
export function batchMaker(
  split: FedSplit,
  plan: Pick<FeedPlan, "parts" | "together" | "seed">,
  catalogues: FeedCatalogues = builtInFeeds,
): BatchMaker {
  const known = new Map<string, Column>();
  /** A column, or one of the table that references lead to, looked up once. */
  const columnOf = (name: string): Column => {
    const column = known.get(name) ?? columnNamed(split, name);
    known.set(name, column);
    return column;
  };
  const together = (plan.together ?? []).map((spec) => catalogues.transforms.create(spec));
  const parts = Object.entries(plan.parts).map(([name, part]): ReadyPart => {
    const created = catalogues.encoders.create(part.encoder);
    checkColumns(split, part, columnOf, created, `${name} (${part.encoder.name})`);
    const encoder = created.forColumns?.(part.columns.map(columnOf)) ?? created;
    const transforms = (part.transforms ?? []).map((spec) => catalogues.transforms.create(spec));
    return {
      name,
      part,
      encoder,
      transforms,
      prepared:
        encoder.prepare === undefined ? (_, values) => values : preparedCache((values) => encoder.prepare!(values)),
    };
  });
  const names = [...new Set(parts.flatMap(({ part }) => part.columns))];
  const kindsOf = ({ part }: ReadyPart): string => columnOf(part.columns[0]!).kind;

  async function read(rows: Int32Array, wanted: readonly string[]): Promise<Map<string, readonly unknown[]>> {
    const columns = await Promise.all(
      wanted.map(async (name) => {
        const column = columnOf(name);
        return [name, await kindOf(column).read(column, rows)] as const;
      }),
    );
    return new Map(columns);
  }

  const missing = ({ name, part }: ReadyPart, row: number): VesaliusError =>
    new VesaliusError("bad-data", `an example has no ${part.columns.join(" or no ")}`, {
      where: `split ${split.name}, row ${row}, read as ${name}`,
      fix: "complete the data, or use a network that can do without",
    });

  /** Applies the random changes of one example to the values of all its parts, in place. */
  function change(values: (PartValues | null)[], step: number, position: number): void {
    const changeAll = (
      transform: ExampleTransform,
      members: readonly number[],
      stream: ReturnType<typeof randomStream>,
    ) => {
      const moved = members.flatMap((index): { readonly index: number; readonly value: Moved }[] => {
        const ready = parts[index]!;
        const own = values[index];
        const kind = kindsOf(ready);
        if (own === null || own === undefined || !(transform.kinds.includes(kind) || transform.kinds.includes("*")))
          return [];
        return [{ index, value: { part: ready.name, kind, value: own[0] } }];
      });
      if (moved.length === 0) return;
      const apply = transform.draw(
        moved.map(({ value }) => value),
        stream,
      );
      for (const { index, value } of moved) {
        const changed = apply(value);
        values[index] = changed === null ? null : [changed, ...values[index]!.slice(1)];
      }
    };
    if (together.length > 0) {
      const stream = randomStream(plan.seed, "together", step, position);
      for (const transform of together) changeAll(transform, [...parts.keys()], stream);
    }
    parts.forEach((ready, index) => {
      if (ready.transforms.length === 0) return;
      // The first part draws from the row's own stream, so that a plan of one part does not depend on its name.
      const labels = index === 0 ? [] : [ready.name];
      const stream = randomStream(plan.seed, "transform", step, position, ...labels);
      for (const transform of ready.transforms) changeAll(transform, [index], stream);
    });
  }

  const inputTypes = (bucket: Bucket): InputTypes =>
    Object.fromEntries(
      parts.flatMap(({ name, part, encoder }) => [
        ...Object.entries(encoder.inputs(bucket.rows, bucket.extents[name]!)).map(
          ([input, type]) => [`${name}.${input}`, type] as const,
        ),
        ...(part.optional === true ? [[`${name}.present`, { dtype: "float32", shape: [bucket.rows] }] as const] : []),
      ]),
    );

  return {
    encoders: Object.fromEntries(parts.map(({ name, encoder }) => [name, encoder])),
    inputs: inputTypes,
    async make(step, rows, bucket) {
      const size = rows.length;
      const columns = await read(rows, names);
      const examples = Array.from({ length: size }, (_, i) => {
        const values = parts.map((ready) => {
          const own = valuesOf(
            ready.part.columns.map((name) => columns.get(name)!),
            i,
          );
          if (own === null && ready.part.optional !== true) throw missing(ready, rows[i]!);
          return own === null ? null : ready.prepared(rows[i]!, own);
        });
        change(values, step, i);
        return values;
      });
      const types = inputTypes(bucket);
      const feeds: Tensors = new Map(
        Object.entries(types).map(([name, { dtype, shape }]) => {
          const length = elementCount(shape);
          return [
            name,
            { dtype, shape, data: dtype === "float32" ? new Float32Array(length) : new Int32Array(length) },
          ];
        }),
      );
      for (const [index, { name, part, encoder }] of parts.entries()) {
        const extent = bucket.extents[name]!;
        const into = Object.fromEntries(
          Object.keys(encoder.inputs(bucket.rows, extent)).map((input) => [
            input,
            feeds.get(`${name}.${input}`)!.data as Float32Array | Int32Array,
          ]),
        );
        const own = examples.map((values) => values[index]!);
        await encoder.encode(own, into, {
          extent,
          random: (row) => randomStream(plan.seed, "encode", name, step, row),
        });
        if (part.optional === true) {
          const present = feeds.get(`${name}.present`)!.data as Float32Array;
          own.forEach((values, row) => (present[row] = values === null ? 0 : 1));
        }
      }
      padRows(feeds, size, bucket.rows);
      const padded = new Int32Array(bucket.rows).fill(-1);
      padded.set(rows);
      return { bucket: bucket.name, feeds, rows: padded, size };
    },
    async survey(length) {
      const varies = ({ part, encoder }: ReadyPart): boolean =>
        encoder.extent !== undefined && part.extentOf === undefined;
      const looked = parts.filter((ready) => varies(ready) || ready.encoder.counts !== undefined);
      const needed = Object.fromEntries(looked.filter(varies).map(({ name }) => [name, new Int32Array(length)]));
      const counts: Record<string, Record<string, number>> = {};
      if (looked.length === 0) return { needed, counts };
      const streamed = looked.some(({ part }) => part.columns.some((name) => kindOf(columnOf(name)).streamed === true));
      if (streamed)
        for (const ready of looked.filter(varies)) {
          if (ready.encoder.extents?.length !== 1)
            throw new VesaliusError(
              "bad-configuration",
              `texts that stay in files are read in one length (${ready.name})`,
              {
                where: `split ${split.name}`,
                fix: "name one length for the tokens: lengths: [256]",
              },
            );
          needed[ready.name]!.fill(ready.encoder.extents[0]!);
        }
      // Of what stays in files a sample is looked at, evenly from all of it, for what is counted.
      const stride = streamed ? Math.max(1, Math.floor(length / chunk)) : 1;
      const seen = streamed ? Math.min(chunk, length) : length;
      for (let start = 0; start < seen; start += chunk) {
        const rows = Int32Array.from({ length: Math.min(chunk, seen - start) }, (_, i) => (start + i) * stride);
        const columns = await read(rows, [...new Set(looked.flatMap(({ part }) => part.columns))]);
        for (const ready of looked)
          rows.forEach((row, i) => {
            const values = valuesOf(
              ready.part.columns.map((name) => columns.get(name)!),
              i,
            );
            if (values === null && ready.part.optional !== true) throw missing(ready, row);
            const prepared = values === null ? null : ready.prepared(row, values);
            if (varies(ready) && !streamed)
              needed[ready.name]![row] = prepared === null ? 1 : ready.encoder.extent!(prepared);
            if (prepared === null) return;
            const sums = (counts[ready.name] ??= {});
            if (streamed) sums["sampledExamples"] = (sums["sampledExamples"] ?? 0) + 1;
            for (const [what, count] of Object.entries(ready.encoder.counts?.(prepared) ?? {}))
              sums[what] = (sums[what] ?? 0) + count;
          });
      }
      return { needed, counts };
    },
  };
}

/** Fills rows `size` and up of every input with copies of the row before them. */
function padRows(feeds: Tensors, size: number, rows: number): void {
  if (size === rows) return;
  for (const { data } of feeds.values()) {
    const stride = data.length / rows;
    for (let row = size; row < rows; row++)
      (data as Float32Array).copyWithin(row * stride, (size - 1) * stride, size * stride);
  }
}
