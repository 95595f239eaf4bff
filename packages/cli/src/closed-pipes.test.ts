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
