import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { makeFolder, recipeText, start } from "./command-line.test.helper.ts";

const hasStrace = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0;

/** The engine is silent under CI and in tests by itself; here nothing but the program keeps it so. */
const loud = "unset ORT_DISABLE_TELEMETRY ORT_RUNNING_UNIT_TESTS CI GITHUB_ACTIONS TF_BUILD XDG_CACHE_HOME";

it("a run leaves nothing in the home folder and, seen with strace where it is installed, opens no socket but local ones", async () => {
  const folder = await makeFolder();
  const [home, log, recipe] = [join(folder, "home"), join(folder, "strace.log"), join(folder, "recipe.yaml")];
  await mkdir(home);
  await writeFile(recipe, recipeText());
  // Refused sockets send nothing, should there be any.
  const strace = `exec strace -f --seccomp-bpf -qq -e trace=socket -e inject=socket:error=EACCES -o '${log}' "$0" "$@"`;
  const before = `${loud}; export HOME='${home}'; ${hasStrace ? strace : ":"}`;
  const ended = await start(["run", recipe, "--out", join(folder, "run"), "--json"], { before }).ended;
  expect(ended).toMatchObject({ code: 0 });
  expect(await readdir(home)).toEqual([]);
  if (!hasStrace) return;
  const sockets = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes("socket("));
  expect(sockets.filter((line) => !/socket\(AF_(?:UNIX|NETLINK)\b/.test(line))).toEqual([]);
});

it("takes a command line of 40 KiB", async () => {
  const cases = fileURLToPath(new URL("../../vesalius/fixtures/onnx", import.meta.url));
  // The same folder under names as long as a system takes them.
  const names = Array.from({ length: 12 }, () => join(cases, "test_clip_example") + "/.".repeat(1750));
  expect(names.join(" ").length).toBeGreaterThan(40 * 1024);
  const ended = await start(["graph", "verify", ...names, "--json"], { before: loud }).ended;
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(JSON.parse(ended.stdout)).toMatchObject({ counts: { pass: 12 } });
});
