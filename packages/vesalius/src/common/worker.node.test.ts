import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { moduleBeside, startWorker } from "./worker.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius worker-"));
});
afterEach(() => rm(folder, { recursive: true }));

test.each([
  ["file:///library/src/data/loader.node.ts", "file:///library/src/data/image-worker.node.ts"],
  ["file:///library/dist/data/loader.node.js", "file:///library/dist/data/image-worker.node.js"],
  ["file:///a.b/bundle.mjs?version=1.2", "file:///a.b/image-worker.node.mjs"],
])("beside %s stands %s", (from, beside) => {
  expect(moduleBeside("./image-worker.node", from).href).toBe(beside);
});

test("a thread runs its source as it is now, and the sources that it imports", async () => {
  const errors = new URL("errors.ts", import.meta.url).href;
  const write = (factor: number): Promise<void> =>
    writeFile(
      join(folder, "product-worker.node.ts"),
      `import { parentPort, workerData } from "node:worker_threads";
       import { type ErrorCode, VesaliusError } from ${JSON.stringify(errors)};
       const code: ErrorCode = "bad-data";
       const graph = import.meta.resolve("vesalius/graph");
       parentPort!.postMessage([(workerData as number) * ${factor}, new VesaliusError(code, "x").code, graph]);`,
    );
  const answer = async (): Promise<unknown> => {
    const from = pathToFileURL(join(folder, "caller.ts")).href;
    const [message] = (await once(startWorker("./product-worker.node", from, 7), "message")) as [unknown];
    return message;
  };
  const graph = new URL("../graph/index.ts", import.meta.url).href;
  await write(2);
  expect(await answer()).toEqual([14, "bad-data", graph]);
  await write(3);
  expect(await answer()).toEqual([21, "bad-data", graph]);
});
