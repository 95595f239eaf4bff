#!/usr/bin/env node
/**
 * Gives readers changed files and fails where one hangs, takes too much memory, ends its process, throws something else
 * than a VesaliusError, or gives a number that is not finite.
 *
 *     npm run fuzz -- npz 4000 1            4000 inputs of seed 1
 *     npm run fuzz -- all 200 7             200 of every reader
 *     npm run fuzz -- npz 1 1 --first 317   one input again; its files are written below the folder that is named
 *     npm run fuzz -- npz 4000 1 --result benchmarks/results/fuzz.json   keeps the counts
 *
 * It reads the built library: run `npm run build` first.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readers } from "./fuzz/readers.mjs";
import { keepResult } from "./fuzz/result.mjs";
import { fuzzReader, startProcesses, writeInput } from "./fuzz/run.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    first: { type: "string", default: "0" },
    workers: { type: "string", default: "2" },
    result: { type: "string" },
  },
});
const [name = "all", count = "1000", seed = "1"] = positionals;
const names = name === "all" ? Object.keys(readers) : name.split(",");
const unknown = names.filter((one) => !Object.hasOwn(readers, one));
if (unknown.length > 0) {
  console.error(`no reader ${unknown.join(", ")}; choose among all, ${Object.keys(readers).join(", ")}`);
  process.exit(2);
}

let faults = 0;
const processes = startProcesses(Number(values.workers));
const kept = await mkdtemp(join(tmpdir(), "vesalius-faults-"));
for (const reader of names) {
  const said = new Map();
  const kinds = new Map();
  const pending = [];
  const found = await fuzzReader(
    { reader, seed: Number(seed), first: Number(values.first), count: Number(count), processes },
    ({ index, kind, message, stack = "" }) => {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      const place =
        stack
          .split("\n")
          .find((line) => /packages\/vesalius/.test(line))
          ?.trim() ?? "";
      const key = `${kind} ${message.replaceAll(/\d+/g, "#").slice(0, 80)} ${place}`;
      said.set(key, (said.get(key) ?? 0) + 1);
      if (said.get(key) > 3) return;
      const folder = join(kept, `${reader}-${seed}-${index}`);
      pending.push(writeInput(reader, Number(seed), index, folder));
      console.log(`${reader} ${index}: ${kind}: ${message.slice(0, 300)} ${place}\n  ${folder}`);
    },
  );
  await Promise.all(pending);
  faults += found.faults;
  if (values.result !== undefined) {
    const date = new Date().toISOString().slice(0, 10);
    keepResult(values.result, { reader, seed: Number(seed), first: Number(values.first), date, ...found, kinds });
  }
  const rate = (found.tried / found.seconds).toFixed(0);
  console.log(
    `${reader.padEnd(12)} ${found.tried} inputs, ${found.read} read, ${found.refused} refused, ${found.faults} faults, ${rate} a second`,
  );
  for (const [key, times] of said) if (times > 3) console.log(`  ${times} times: ${key}`);
}
for (const process of processes) process.close();
if (names.length > 1) console.log(faults === 0 ? "no faults" : `${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
