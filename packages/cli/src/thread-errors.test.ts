/** Errors that come about in another thread: they name options as the command that was called does. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, start } from "./command-line.test.helper.ts";

describe("an error of a thread that reads a file", async () => {
  const { File, ready } = await import("h5wasm/node");
  await ready;

  async function cells(): Promise<string> {
    const path = join(await makeFolder(), "cells.h5ad");
    const file = new File(path, "w");
    for (const [table, names] of [
      ["obs", ["c1", "c2", "c3"]],
      ["var", ["G1", "G2"]],
    ] as const) {
      const group = file.create_group(table);
      group.create_attribute("_index", "_index");
      group.create_dataset({ name: "_index", data: [...names] });
    }
    file.create_dataset({ name: "X", data: Float32Array.of(1, 0, 0, 2.5, 3, 4), shape: [3, 2] });
    file.close();
    return path;
  }

  it("names the flag of the command", async () => {
    const path = await cells();
    const plain = await start(["data", path, "--memory", "2kB"]).ended;
    expect(plain.code).toBe(1);
    expect(plain.stderr).toMatch(/fix: {3}raise the limit with --memory if/);
  });
});
