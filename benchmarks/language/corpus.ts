import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openDataset, readExamples } from "vesalius/data";
import { compared, median, mebibytes, plain } from "../measuring/figures.ts";
import { drawnTexts } from "./drawn-texts.ts";
import type { LanguageRow } from "./row.ts";

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}

/** Corpora that stay in their files. */
export const corpusRow: LanguageRow = {
  method:
    "Corpora: JSON lines of drawn texts in a file; opening finds every document, cuts and packs; reading takes examples in the " +
    "order of the file. Both beside Node's readline with JSON.parse on the same file, in turns.",
  async measure(quick) {
    const folder = await mkdtemp(join(tmpdir(), "vesalius-bench-"));
    try {
      const path = join(folder, "train.jsonl");
      const texts = drawnTexts(quick ? 200 : 20_000, 300, 2);
      await writeFile(path, texts.map((text, id) => `${JSON.stringify({ id, text })}\n`).join(""));
      const { size } = await stat(path);
      const found: { lines: number[]; opened: number[]; read: number[] } = { lines: [], opened: [], read: [] };
      let memory = 0;
      for (let round = 0; round < (quick ? 1 : 5); round++) {
        found.lines.push(
          await seconds(async () => {
            for await (const line of createInterface({ input: createReadStream(path) })) JSON.parse(line);
          }),
        );
        const before = process.memoryUsage().rss;
        let split = (await openDataset(path, { reader: "corpus" })).splits["train"]!;
        found.opened.push(
          await seconds(async () => {
            split = (await openDataset(path, { reader: "corpus" })).splits["train"]!;
          }),
        );
        found.read.push(
          await seconds(async () => {
            for (let start = 0; start < split.length; start += 64) {
              const length = Math.min(64, split.length - start);
              await readExamples(
                split,
                ["text"],
                Int32Array.from({ length }, (_, i) => start + i),
              );
            }
          }),
        );
        memory = Math.max(memory, process.memoryUsage().rss - before);
      }
      const rate = (times: readonly number[]): number => median(times.map((time) => size / 2 ** 20 / time));
      const lines = plain("corpus: readline and JSON.parse", rate(found.lines), "MiB/s");
      return [
        lines,
        compared("corpus: opened", rate(found.opened), "MiB/s", lines),
        compared("corpus: examples read", rate(found.read), "MiB/s", lines),
        plain("corpus: size", mebibytes(size), "MiB"),
        plain("corpus: memory beside it", mebibytes(memory), "MiB"),
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
