/**
 * Ends the process as a crash would (SIGKILL) at one of its file operations, counted from 0 over all of them: before it,
 * after it, or in the middle of a write. Loaded in front of a program:
 *
 *     KILL_AT=12:middle node --import ./scripts/kills/preload.mjs program.mjs
 *
 * With `KILL_COUNT=file` nothing is killed, and the number of operations is written there at the end.
 */
import { writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const [at, where] = (process.env["KILL_AT"] ?? "-1:before").split(":");
let done = 0;

const die = () => {
  process.kill(process.pid, "SIGKILL");
  // Nothing more happens on this thread until the signal arrives.
  for (;;);
};

/**
 * @param {Record<string, Function>} holder
 * @param {string} name
 * @param {(this: unknown, ...given: unknown[]) => Promise<unknown>} [half] does a part of it
 */
function watch(holder, name, half) {
  const original = holder[name];
  holder[name] = async function (/** @type {unknown[]} */ ...given) {
    const isHere = done++ === Number(at);
    if (isHere && where === "before") die();
    if (isHere && where === "middle" && half !== undefined) await half.call(this, ...given).then(die);
    const result = await original.apply(this, given);
    if (isHere) die();
    return result;
  };
}

const file = await promises.open(process.execPath);
const handle = Object.getPrototypeOf(file);
await file.close();
const { writeFile } = handle;
watch(handle, "writeFile", function (content) {
  const bytes = Buffer.from(content);
  return writeFile.call(this, bytes.subarray(0, bytes.length >> 1));
});
watch(handle, "sync");
for (const name of ["rename", "mkdir", "rm", "link", "copyFile", "appendFile", "writeFile"]) watch(promises, name);
syncBuiltinESMExports();

const { KILL_COUNT: counted } = process.env;
if (counted !== undefined) process.on("exit", () => writeFileSync(counted, String(done)));
