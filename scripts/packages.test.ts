import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, test } from "vitest";
import { root } from "./regions.mjs";

const packages = readdirSync(join(root, "packages"));

test.each(packages)("the package %s is in order for those who install it", async (name) => {
  const { messages, pkg } = await publint({ pkgDir: join(root, "packages", name), pack: "npm", strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("every file, export and dependency is used", { timeout: 120_000 }, () => {
  const knip = join(root, "node_modules", "knip", "bin", "knip.js");
  let found = "";
  try {
    execFileSync(process.execPath, [knip, "--no-config-hints", "--no-progress"], { cwd: root, encoding: "utf8" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    found = stdout + stderr;
  }
  expect(found).toBe("");
});

test.each(packages)("what the package %s installs leaves tests and build information out", (name) => {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--loglevel=error"], {
    cwd: join(root, "packages", name),
    encoding: "utf8",
  });
  const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
  expect(paths.filter((path) => /\.test\.|\.tsbuildinfo$|\.map$|(^|\/)testing\//.test(path))).toEqual([]);
});
