import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { nodeCpu } from "vesalius/runtime";
import { describeMachine } from "./machine.ts";
import { repositoryRoot } from "./paths.ts";
import { type BenchmarkResult, benchmarkResultSchema, formatResult, type Measure } from "./result.ts";
import { fullEffort, measureTraining, quickEffort, trainingMethod } from "./training.ts";

interface Benchmark {
  readonly method: string;
  measure(quick: boolean): Promise<Measure[]>;
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  training: { method: trainingMethod, measure: (quick) => measureTraining(quick ? quickEffort : fullEffort) },
};

const usage = `usage: npm run bench -- NAME [--json] [--write] [--quick]

  NAME      one of: ${Object.keys(benchmarks).join(", ")}
  --json    print one JSON object in place of a table
  --write   also write benchmarks/results/NAME.json
  --quick   as little as exercises everything, to try the program; the figures mean nothing and are not written
`;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
    },
  });
  const [name, ...rest] = positionals;
  const benchmark = name === undefined ? undefined : benchmarks[name];
  if (name === undefined || benchmark === undefined || rest.length > 0 || (values.quick && values.write))
    throw new TypeError("name one benchmark; --quick and --write exclude each other");
  return { ...values, name, benchmark };
}

async function main(): Promise<number> {
  let asked: ReturnType<typeof readArguments>;
  try {
    asked = readArguments();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  const { name, benchmark, quick, write, json } = asked;
  const machine = describeMachine(await nodeCpu());
  const date = new Date().toISOString().slice(0, 10);
  const measures = await benchmark.measure(quick);
  const result: BenchmarkResult = benchmarkResultSchema.parse({
    name,
    date,
    machine,
    method: benchmark.method,
    measures,
  });
  const text = `${JSON.stringify(result, null, 2)}\n`;
  process.stdout.write(json ? text : formatResult(result));
  if (write) {
    const folder = join(repositoryRoot(), "benchmarks", "results");
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${name}.json`);
    await writeFile(path, text);
    process.stderr.write(`written to ${relative(repositoryRoot(), path)}\n`);
  }
  return 0;
}

process.exitCode = await main();
