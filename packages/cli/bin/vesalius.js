#!/usr/bin/env node
try {
  await import("../dist/main.js");
} catch (error) {
  // Nothing that could say it better is loaded.
  if (error?.code !== "EMFILE" && error?.code !== "ENFILE") throw error;
  const message = `the program cannot be loaded: no further file can be opened (${error.code})`;
  const fix = "raise the limit of open files of this shell: ulimit -n 1024";
  if (process.argv.includes("--json"))
    process.stdout.write(`${JSON.stringify({ error: { code: "runtime-failure", message, fix } })}\n`);
  else process.stderr.write(`error: ${message}\n  fix:   ${fix}\n`);
  process.exitCode = 1;
}
