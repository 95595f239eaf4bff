/** Builds before the tests, and again before a repetition in watch mode: the tests of the command line run the built files. */
import { spawnSync } from "node:child_process";
import { root } from "../regions.mjs";

function build() {
  const { status } = spawnSync("npm", ["--silent", "run", "build"], { cwd: root, stdio: "inherit" });
  // Types are the build's matter: the compiler writes what it can, and tests run all the same.
  if (status !== 0) console.warn("the build says that something is wrong; the tests run with what it wrote");
}

/** @param {import("vitest/node").TestProject} project */
export function setup(project) {
  build();
  project.onTestsRerun(build);
}
