import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { start } from "./command-line.test.helper.ts";

describe("a command whose reader goes away", () => {
  it.each([
    [["data", "synthetic-radiographs"], 0],
    [["run", "--help"], 0],
    [["data", "nowhere", "--json"], 1],
    [["run", "--threads", "0", "--json"], 2],
  ])("ends in silence with its own exit code: %j", async (args, code) => {
    const running = start(args);
    // Closed before anything is written, as by a reader that has seen enough.
    running.process.stdout!.destroy();
    expect(await running.ended).toMatchObject({ code, signal: null, stderr: "" });
  });

  it("ends with its own exit code where nobody reads what it says of errors", async () => {
    const running = start(["data", "nowhere"]);
    running.process.stderr!.destroy();
    expect(await running.ended).toMatchObject({ code: 1, signal: null, stdout: "" });
  });
});

describe.skipIf(!existsSync("/dev/full"))("a command whose output goes to a full disk", () => {
  it("says that its result is lost", async () => {
    const ended = await start(["data", "synthetic-radiographs"], { before: "exec >/dev/full" }).ended;
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("ENOSPC") as string });
  });

  it("ends with its own exit code where only remarks are lost", async () => {
    const ended = await start(["data", "nowhere", "--json"], { before: "exec 2>/dev/full" }).ended;
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(JSON.parse(ended.stdout)).toHaveProperty("error");
  });
});

it.skipIf(process.platform === "win32")("a process that may open few files says so, not how it failed", async () => {
  const ended = await start(["run", "--help", "--json"], { before: "unset NODE_OPTIONS; ulimit -n 24" }).ended;
  expect(ended).toMatchObject({ code: 1, stderr: "" });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    error: { code: "runtime-failure", fix: expect.stringContaining("ulimit -n") as string },
  });
});
