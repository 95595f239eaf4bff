import { randomStream } from "../common/random.ts";
import type { Column, Columns, Dataset, Split } from "../data/index.ts";
import { numbersColumn } from "../data/index.ts";
import { architectures, type Backbone } from "../models/index.ts";

/** A split of given columns, with names that begin with the split's. */
export const splitOf = (name: string, columns: Columns): Split => {
  const { length } = Object.values(columns)[0] as Column;
  return {
    name,
    length,
    ids: Array.from({ length }, (_, row) => `${name}/${row}`),
    groups: undefined,
    attributes: {},
    columns,
  };
};

/** A dataset of splits by name. */
export const datasetOf = (splits: Readonly<Record<string, Split>>): Dataset => ({
  name: "generated",
  card: { name: "generated" } as Dataset["card"],
  unit: "patients",
  splits,
  tables: {},
});

/** Numbers of three measurements, drawn from a normal distribution, `[length, 3]` row by row. */
export function measurements(name: string, length: number): { readonly record: Column; readonly rows: number[][] } {
  const stream = randomStream(7, name);
  const rows = Array.from({ length }, () => [stream.normal(), stream.normal(), stream.normal()]);
  return { record: numbersColumn(["age", "marker", "other"], length, rows.flat()), rows };
}

/** A network over the numbers of a record. */
export const recordNetwork = (settings: object = {}): Backbone => ({
  network: architectures.create({ name: "perceptron", depth: 1, width: 16, ...settings }),
  weights: undefined,
  preparation: undefined,
});

/** Everything that an iterable gives. */
export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
