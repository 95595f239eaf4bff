import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runMutations } from "./mutations.mjs";
import { problemsOf, readMutations, selectMutations } from "./mutations/list.mjs";
import { root } from "./regions.mjs";

let folder: string;
const write = (file: string, content: string): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), content);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mutations-"));
  write(
    "packages/vesalius/src/sum.ts",
    "export const sum = (a: number, b: number): number => a + b;\nexport const two = 2;\n",
  );
  write(
    "packages/vesalius/src/sum.test.ts",
    'import { expect, test } from "vitest";\nimport { sum } from "./sum.ts";\ntest("adds", () => expect(sum(1, 2)).toBe(3));\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const fault = (name: string, find: string, replace: string) => ({
  name: `sums/${name}`,
  file: "sum.ts",
  find,
  replace,
  tests: ["sum.test.ts"],
  ci: false,
});

describe("the list of faults", () => {
  it("is up to date: every fault has its place, its tests and a name of its own", async () => {
    const mutations = await readMutations();
    expect(problemsOf(mutations, root)).toEqual([]);
    expect(mutations.length).toBeGreaterThanOrEqual(30);
    expect(selectMutations(mutations, ["--ci"]).length).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ["text that is not there", fault("gone", "a * b", "a"), /0 times instead of once: a \* b/],
    ["text that is there twice", fault("twice", "number", "string"), /3 times/],
    ["a change of nothing", fault("same", "a + b", "a + b"), /changes nothing/],
    ["what is no program", fault("syntax", "a + b;", "a + ;"), /cannot be read/],
    ["a file that is not there", { ...fault("file", "a", "b"), file: "other.ts" }, /there is no other.ts/],
    ["tests that are not there", { ...fault("tests", "a", "b"), tests: ["other.test.ts"] }, /no other.test.ts/],
    ["no tests", { ...fault("untested", "a + b", "a"), tests: [] }, /no tests are named/],
  ])("refuses %s", (_what, mutation, message) => {
    expect(problemsOf([mutation], folder)).toMatchObject([
      { name: mutation.name, what: expect.stringMatching(message) as string },
    ]);
  });

  it("refuses two faults of one name", () => {
    const [first, second] = [fault("minus", "a + b", "a - b"), fault("minus", "a + b", "b")];
    expect(problemsOf([first, second], folder)).toEqual([
      { name: "sums/minus", what: "sums/minus: the name is taken" },
    ]);
  });

  it("is chosen from by the beginnings of names, and nothing is chosen in silence", () => {
    const all = [fault("minus", "a + b", "a - b"), { ...fault("first", "a + b", "a"), ci: true }];
    expect(selectMutations(all, [])).toEqual(all);
    expect(selectMutations(all, ["sums/min"])).toEqual([all[0]]);
    expect(selectMutations(all, ["--ci"])).toEqual([all[1]]);
    expect(() => selectMutations(all, ["products"])).toThrow(/begins with products/);
  });
});

// Each fault is a run of Vitest of its own, which takes its time on a busy machine.
describe("a run on a repository", { timeout: 240_000 }, () => {
  beforeEach(() => {
    write("package.json", '{ "type": "module" }');
    write("vitest.config.ts", "export default { test: { globalSetup: ['not-there.mjs'] } };\n");
    write(".gitignore", "node_modules\n");
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    execFileSync("git", ["init", "--quiet"], { cwd: folder });
  });

  it("tells faults that tests notice from those that survive and those with which nothing loads", async () => {
    const before = readFileSync(join(folder, "packages/vesalius/src/sum.ts"), "utf8");
    const said: string[] = [];
    const outcomes = await runMutations(
      [
        fault("minus", "a + b", "a - b"),
        fault("unused", "two = 2", "two = 3"),
        fault("throws", "two = 2", "two = JSON.parse('{')"),
        fault("turned", "a + b", "b + a"),
      ],
      folder,
      (line) => said.push(line),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["noticed", "survived", "broken", "survived"]);
    expect(outcomes[0].detail).toBe("sum.test.ts: adds");
    expect(said[0]).toBe("1 of 1 test files pass without a fault");
    expect(readFileSync(join(folder, "packages/vesalius/src/sum.ts"), "utf8")).toBe(before);
  });

  it("tries no fault whose tests fail as it is, and says so", async () => {
    write("packages/vesalius/src/sum.ts", "export const sum = (a: number, b: number): number => a - b;\n");
    const said: string[] = [];
    const [outcome] = await runMutations([fault("plus", "a - b", "a + b")], folder, (line) => said.push(line));
    expect(outcome).toMatchObject({ status: "broken", detail: "sum.test.ts does not pass without it" });
    expect(said).toContain("fails without a fault: sum.test.ts: adds");
  });
});
