import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkEngine, checkFile, checkFolder, listImports } from "./check-imports.mjs";

const script = fileURLToPath(new URL("check-imports.mjs", import.meta.url));

describe("listImports", () => {
  it("finds every form with its line", () => {
    const source = [
      'import { a } from "./a.ts";',
      'import type { B } from "./b.ts";',
      'import "./side-effect.ts";',
      "import {",
      "  c,",
      "  type D,",
      '} from "./c.ts";',
      'export * from "./e.ts";',
      'export type { F } from "./f.ts";',
      'const g = await import("./g.ts");',
      'import h, * as all from "h";',
    ].join("\n");
    expect(listImports(source)).toEqual([
      { specifier: "./a.ts", line: 1, typeOnly: false, dynamic: false },
      { specifier: "./b.ts", line: 2, typeOnly: true, dynamic: false },
      { specifier: "./side-effect.ts", line: 3, typeOnly: false, dynamic: false },
      { specifier: "./c.ts", line: 7, typeOnly: false, dynamic: false },
      { specifier: "./e.ts", line: 8, typeOnly: false, dynamic: false },
      { specifier: "./f.ts", line: 9, typeOnly: true, dynamic: false },
      { specifier: "h", line: 11, typeOnly: false, dynamic: false },
      { specifier: "./g.ts", line: 10, typeOnly: false, dynamic: true },
    ]);
  });

  it("is not misled by comments, templates, regular expressions and ordinary exports", () => {
    const source = [
      '// import "line";',
      '/*\nimport { a } from "block";\n*/',
      'const text = `\nimport { b } from "template";\n`;',
      'const quote = /"/; // a lone quote',
      'const comment = /\\/\\*/g; import("./real.ts"); /* " */',
      'export const name = "value";',
      'export default "value";',
      'export type Choice = "a" | "b";',
      'const url = "http://host/*"; const from = "x";',
    ].join("\n");
    expect(listImports(source).map((one) => one.specifier)).toEqual(["./real.ts"]);
  });
});

describe("checkFile", () => {
  const messages = (file: string, source: string): string[] => checkFile(file, source).map((one) => one.message);

  it.each([
    ["graph/value.ts", "../common/errors.ts"],
    ["graph/operators/matmul.ts", "../value.ts"],
    ["training/loop.ts", "../graph/value.ts"],
    ["pretraining/hybrid/x.ts", "../../data/split.ts"],
    ["trust/calibration.ts", "../adaptation/adapt.ts"],
    ["recipes/run.ts", "../trust/calibration.ts"],
    ["index.ts", "./recipes/index.ts"],
    ["data/loaders/files.node.ts", "node:fs"],
    ["graph/graph.test.ts", "../recipes/run.ts"],
    ["graph/graph.test.ts", "node:fs"],
    ["graph/graph.test.helper.ts", "sharp"],
    ["testing/reference.node.ts", "../models/vit.ts"],
    ["graph/value.ts", "zod"],
    ["evaluation/report.ts", "vesalius/graph"],
    ["pretraining/run.ts", "#platform"],
    ["platform/platform.ts", "../data/index.ts"],
  ])("lets %s import %s", (file, specifier) => {
    expect(messages(file, `import { x } from "${specifier}";`)).toEqual([]);
  });

  it.each([
    ["graph/value.ts", "../runtime/session.ts"],
    ["common/errors.ts", "../graph/value.ts"],
    ["data/split.ts", "../graph/value.ts"],
    ["data/split.ts", "../models/vit.ts"],
    ["models/vit.ts", "../data/split.ts"],
    ["training/loop.ts", "../data/split.ts"],
    ["pretraining/a.ts", "../adaptation/b.ts"],
    ["evaluation/a.ts", "../trust/b.ts"],
    ["graph/value.ts", "../index.ts"],
    ["graph/value.ts", "vesalius"],
    ["graph/value.ts", "vesalius/runtime"],
    ["models/vit.ts", "#platform"],
  ])("refuses that %s imports %s", (file, specifier) => {
    for (const statement of [`import { x } from "${specifier}";`, `import type { X } from "${specifier}";`]) {
      expect(messages(file, statement)).toEqual([expect.stringContaining("against the arrows")]);
    }
    expect(messages(file, `await import("${specifier}");`)).toHaveLength(1);
  });

  it.each(["node:fs/promises", "fs", "./files.node.ts", "onnxruntime-node", "sharp", "sharp/lib/index.js"])(
    "keeps %s out of what a browser loads",
    (specifier) => {
      const file = "common/pixels.ts";
      expect(messages(file, `import x from "${specifier}";`)).toEqual([expect.stringContaining("needs Node")]);
      expect(messages(file, `export * from "${specifier}";`)).toHaveLength(1);
      // With verbatimModuleSyntax an import of inline types still loads the module.
      expect(messages(file, `import { type X } from "${specifier}";`)).toHaveLength(1);
      expect(messages(file, `import type X from "${specifier}";`)).toEqual([]);
      if (specifier === "onnxruntime-node") return;
      expect(messages(file, `await import("${specifier}");`)).toEqual([]);
      expect(messages("common/pixels.node.ts", `import x from "${specifier}";`)).toEqual([]);
    },
  );

  it("lets one file load the engine in Node, tests included", () => {
    for (const file of ["runtime/other.node.ts", "runtime/other.test.ts", "recipes/run.node.ts"])
      for (const statement of ['import * as ort from "onnxruntime-node";', 'await import("onnxruntime-node");'])
        expect(messages(file, statement)).toEqual([expect.stringContaining("telemetry")]);
    expect(messages("runtime/other.node.ts", 'import type * as ort from "onnxruntime-node";')).toEqual([]);
    expect(messages("runtime/load-onnxruntime.node.ts", 'await import("onnxruntime-node");')).toEqual([]);
    expect(checkEngine("doctor.ts", 'import { x } from "onnxruntime-node";')).toHaveLength(1);
  });

  it.each(["./value.test.ts", "./value.test.helper.ts", "../testing/reference.node.ts"])(
    "keeps %s to tests",
    (specifier) => {
      expect(messages("graph/value.node.ts", `import { x } from "${specifier}";`)).toEqual([
        expect.stringContaining("is test code"),
      ]);
    },
  );

  it("names an import that leaves the sources and a folder without a place", () => {
    expect(messages("common/a.ts", 'import x from "../../fixtures/x.ts";')).toEqual([
      expect.stringContaining("leaves the source folder"),
    ]);
    expect(messages("plumbing/a.ts", "")).toEqual([expect.stringContaining("plumbing/ has no place")]);
  });
});

describe("check-imports on a folder", () => {
  let root: string;
  const write = (file: string, source: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), source);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "check-imports-"));
    write("common/errors.ts", "export class Failure {}\n");
    write("graph/value.ts", 'import { Failure } from "../common/errors.ts";\n');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("passes a tree in order with exit status 0", () => {
    expect(checkFolder(root)).toEqual([]);
    const run = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
    expect(run).toMatchObject({ status: 0, stderr: "", stdout: "imports: in order\n" });
  });

  it("prints file:line of each offence and exits with 1", () => {
    write("graph/session.ts", '\nimport { run } from "../runtime/run.ts";\nimport { join } from "node:path";\n');
    write("graph/deep/index.node.ts", 'import "node:fs";\n');
    const run = spawnSync(process.execPath, [script, root], { encoding: "utf8", cwd: root });
    expect(run.status).toBe(1);
    const lines = run.stderr.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^graph[/\\]session\.ts:2 "\.\.\/runtime\/run\.ts" points against the arrows/);
    expect(lines[1]).toMatch(/^graph[/\\]session\.ts:3 "node:path" needs Node/);
  });
});
