/** The command line where native packages are not installed, or are of another machine. */
import { expect, it } from "vitest";
import { start } from "./command-line.test.helper.ts";

/** Makes the import of a package fail as it does where the package is absent, or where its native part does not load. */
function without(name: string, broken: boolean): string {
  const error = broken
    ? `Object.assign(new Error("binding.node: invalid ELF header"), { code: "ERR_DLOPEN_FAILED" })`
    : `Object.assign(new Error("Cannot find package '${name}' imported from here"), { code: "ERR_MODULE_NOT_FOUND" })`;
  const hooks = `export const resolve = async (specifier, context, next) => {
    if (specifier === "${name}") throw ${error};
    return next(specifier, context);
  };`;
  const url = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
  const register = `import { register } from "node:module"; register(${JSON.stringify(url(hooks))});`;
  return `export NODE_OPTIONS='--import ${url(register).replaceAll("'", "%27")}'`;
}

it.each([
  ["onnxruntime-node", false, "is not installed"],
  ["onnxruntime-node", true, "does not load here: binding.node: invalid ELF header"],
])("%s (broken: %s): help and doctor work, doctor and a run say why", async (name, broken, reason) => {
  const before = without(name, broken);
  expect(await start(["--help"], { before }).ended).toMatchObject({ code: 0, stderr: "" });
  const doctor = await start(["doctor", "--json"], { before }).ended;
  expect(doctor).toMatchObject({ code: 1, stderr: "" });
  const { works, checks } = JSON.parse(doctor.stdout) as { works: boolean; checks: { name: string; detail: string }[] };
  expect(works).toBe(false);
  expect(checks.find((check) => check.name === "engine")?.detail).toContain(reason);
  const run = await start(["run", "--smoke", "--out", "/proc/none", "--json"], { before }).ended;
  expect(JSON.parse(run.stdout)).toMatchObject({
    error: { code: "missing-dependency", where: name, message: expect.stringContaining(reason) as string },
  });
});
