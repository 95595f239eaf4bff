import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failureOf, makeFolder } from "../recipe.test.helper.ts";
import { MetricsFile } from "./metrics-file.node.ts";

const line = (step: number) => ({ stage: "pretraining", step, loss: 1 / step, learningRate: 0.1, gradientNorm: 2 });

describe("MetricsFile", () => {
  it("drops what the checkpoint does not know, a torn line too, and appends in order", async () => {
    const path = join(await makeFolder(), "metrics.jsonl");
    await writeFile(path, `${JSON.stringify(line(1))}\n${JSON.stringify(line(2))}\n{"stage":"pre`);
    const metrics = await MetricsFile.begin(path, [line(1)]);
    for (const step of [2, 3, 4]) metrics.append(line(step));
    await metrics.flush();
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(lines.map((text) => JSON.parse(text) as unknown)).toEqual([1, 2, 3, 4].map(line));
  });

  it("takes of a stage that another run finished what its own checkpoint did not know", async () => {
    const path = join(await makeFolder(), "metrics.jsonl");
    const { stage } = line(1);
    const metrics = await MetricsFile.begin(path, [line(1), line(2)]);
    metrics.appendHistory(
      stage,
      [1, 2, 3].map((step) => {
        const { stage: _stage, ...record } = line(step);
        return record;
      }),
    );
    await metrics.flush();
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(lines.map((text) => JSON.parse(text) as unknown)).toEqual([1, 2, 3].map(line));
  });

  it("tells of a line that could not be written at the next flush", async () => {
    const folder = await makeFolder();
    const metrics = await MetricsFile.begin(join(folder, "metrics.jsonl"), []);
    await rm(folder, { recursive: true });
    metrics.append(line(1));
    expect((await failureOf(() => metrics.flush())).code).toBe("missing-file");
  });
});
