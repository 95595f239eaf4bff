import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dataFolder } from "./data.test.helper.ts";
import { columnOf } from "./dataset/index.ts";
import { openDataset, type OpenDatasetOptions } from "./open-dataset.node.ts";
import type { Split } from "./split.ts";

/** Counts of spans by type, classes by name or events, as descriptions of the sets state them. */
const positives = (split: Split): number => columnOf(split, "label", "classes").values.reduce((a, b) => a + b, 0);
const events = (split: Split): number => columnOf(split, "event", "events").observed.reduce((a, b) => a + b, 0);
const given = (split: Split): number =>
  columnOf(split, "label", "labels").values.reduce((sum, value) => sum + Number(value === 1), 0);
const masked = (split: Split): number => columnOf(split, "mask", "masks").length;
const values = (split: Split): number => columnOf(split, "expression", "expressions").values.length;
const classes = (split: Split): number => columnOf(split, "label", "classes").names.length;

/** Sets with options, examples of training and validation, and something that is counted in both. */
const sets: readonly (readonly [
  name: string,
  options: OpenDatasetOptions,
  lengths: readonly [number, number],
  count: (split: Split) => number,
  counted: readonly [number, number],
])[] = [
  ["pneumoniamnist", {}, [4698, 524], positives, [3484, 389]],
  ["mednist", {}, [2400, 600], classes, [6, 6]],
  ["dsb2018", { channels: 1 }, [120, 30], masked, [120, 30]],
  ["msd-hippocampus", {}, [100, 20], masked, [100, 20]],
  [
    "vqa-rad",
    { target: "answer", columns: undefined, storage: "files", allowMissingClasses: true },
    [2138, 319],
    ({ length }) => length,
    [2138, 319],
  ],
  ["promoter-human-tata", {}, [4724, 1134], positives, [2362, 567]],
  ["splice-junctions", {}, [1935, 457], classes, [3, 3]],
  ["flip-gb1", {}, [4580, 509], ({ length }) => length, [4580, 509]],
  ["bbbp", {}, [1613, 437], positives, [1250, 317]],
  ["esol", {}, [954, 174], (split) => columnOf(split, "label", "numbers").length, [954, 174]],
  ["tox21", {}, [6377, 1454], given, [4847, 1015]],
  ["cellbench-celseq2", { reader: "tenX" }, [206, 68], classes, [3, 3]],
  ["cellbench-celseq2", { reader: "h5ad", counts: true }, [206, 68], classes, [3, 3]],
  ["pbmc68k-reduced", {}, [558, 142], classes, [10, 10]],
  ["mouse-10x-5k", {}, [4496, 504], ({ length }) => length, [4496, 504]],
  ["metabric", {}, [1204, 319], events, [689, 198]],
  ["gbsg", {}, [1221, 325], events, [770, 198]],
  ["support", {}, [5698, 1400], events, [3892, 931]],
  ["tcga-survival", {}, [533, 110], events, [165, 36]],
];

describe.skipIf(dataFolder === undefined)(
  `openDataset on real sets (set VESALIUS_DATA to the data folder to run${dataFolder === undefined ? `; skips ${sets.map(([name]) => name).join(", ")}` : ""})`,
  () => {
    const open = (name: string, options: OpenDatasetOptions) => openDataset(join(dataFolder!, "open", name), options);

    it.each(sets)("%s %j", async (name, options, lengths, count, counted) => {
      const { train, validation } = (await open(name, options)).splits;
      expect([train!.length, validation!.length]).toEqual(lengths);
      expect([count(train!), count(validation!)]).toEqual(counted);
    });

    it("reads the same cells from a 10x matrix and from AnnData", async () => {
      const [matrix, annotated] = await Promise.all([
        open("cellbench-celseq2", { reader: "tenX" }),
        open("cellbench-celseq2", { reader: "h5ad" }),
      ]);
      const [one, other] = [matrix.splits["train"]!, annotated.splits["train"]!];
      expect(one.ids).toEqual(other.ids);
      const [a, b] = [one, other].map((split) => columnOf(split, "expression", "expressions")) as [
        ReturnType<typeof columnOf<"expressions">>,
        ReturnType<typeof columnOf<"expressions">>,
      ];
      expect(a.genes).toEqual(b.genes);
      expect(a.indices).toEqual(b.indices);
      expect(a.values).toEqual(b.values);
      expect(values(one) + values(matrix.splits["validation"]!)).toBe(696_783);
    });

    it("keeps NIfTI's order of axes: what nibabel calls (i, j, k) backward", async () => {
      const { splits } = await open("msd-hippocampus", { storage: "files" });
      const volumes = columnOf(splits["train"]!, "image", "volumes");
      const row = splits["train"]!.ids.indexOf("hippocampus_004");
      expect(volumes.items[row]!.affine.slice(0, 12)).toEqual([1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1]);
    });
  },
);
