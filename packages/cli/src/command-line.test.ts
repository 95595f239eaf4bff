import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, objectOn, recipeText, start, vesalius } from "./command-line.test.helper.ts";

const commands = ["run", "plan", "pretrain", "adapt", "evaluate", "predict", "export", "data", "doctor"];

describe("help", () => {
  it("lists every command", async () => {
    const { code, stdout } = await start(["--help"]).ended;
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  it.each(commands)("of %s shows examples", async (command) => {
    const { code, stdout } = await vesalius(command, "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n  \\$ vesalius ${command}`));
  });
});

describe("wrong use", () => {
  it.each([
    [["run", "--sed", "1"], "--sed"],
    [["run", "--threads", "0"], "write a whole number from 1"],
    [["export", "model"], "--onnx"],
    [["predict", "model", "x", "--print", "--json"], "cannot be used with"],
    [["nonsense"], "unknown command"],
    [["adapt", "data", "--method", "magic"], "Allowed choices"],
    [["run", "--set", "seed"], "write key=value"],
    [["evaluate", "model", "data", "--class", "healthy"], "write the data's class"],
    [["export", "model", "--onnx", "x.onnx", "--extent", "text"], "write the part and its extent"],
  ])("%j ends with 2 and says why", async (args, message) => {
    const { code, stderr, stdout } = await vesalius(...args);
    expect(code).toBe(2);
    expect(`${stderr}${stdout}`).toContain(message);
    const inJson = await vesalius(...args, "--json");
    expect(inJson.code).toBe(2);
    expect(objectOn(inJson)).toMatchObject({
      error: { code: "usage", message: expect.stringContaining(message) as string },
    });
  });

  it("of a recipe names file, line and key, and ends with 1", async () => {
    const file = join(await makeFolder(), "recipe.yaml");
    await writeFile(file, recipeText().replace("rank: 2", "rnk: 2"));
    const ended = await vesalius("run", file, "--json");
    expect(ended.code).toBe(1);
    const { error } = objectOn(ended) as { error: { code: string; message: string; where: string } };
    expect(error.code).toBe("bad-configuration");
    expect(error.message).toContain("did you mean rank?");
    expect(error.where).toMatch(/recipe\.yaml:\d+$/);
    const plain = await vesalius("run", file);
    expect(plain.stderr).toContain("did you mean rank?");
    expect(plain.stdout).toBe("");
  });

  it.each([
    [["run", "nowhere.yaml"], "missing-file"],
    [["data", "nowhere"], "missing-file"],
    [["predict", "nowhere", "nowhere"], "missing-file"],
    [["evaluate", "nowhere", "synthetic-radiographs"], "missing-file"],
    [["export", "nowhere", "--onnx", "x.onnx"], "missing-file"],
    [["predict", "nowhere", "-"], "missing-file"],
    [["adapt", "synthetic-radiographs", "--backbone", "x", "--network", "vit"], "bad-argument"],
    [["run", "--smoke", "--set", "adaptation.methods[9].rank=2"], "bad-argument"],
    [["run", "--smoke", "--set", "backbone.imageSize=15"], "bad-configuration"],
    [["data", "synthetic-radiographs", "--option", "count=3"], "bad-configuration"],
  ])("%j ends with 1 and the error as JSON", async (args, code) => {
    // The recipe that needs no name is among the built files.
    const ended = await (args.includes("--smoke")
      ? start([...args, "--json"], { cwd: await makeFolder() }).ended
      : vesalius(...args, "--json"));
    expect(ended.code).toBe(1);
    expect(objectOn(ended)).toMatchObject({ error: { code } });
  });
});
