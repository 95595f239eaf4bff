import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { currentEnvironment } from "vesalius/recipes";
import { nodeCpu } from "vesalius/runtime";
import { type Asked, readArguments, usageOf } from "./arguments.ts";
import { diagnosisMethod, measureDiagnosis } from "./diagnosis.ts";
import { educationMethod, measureEducation } from "./education.ts";
import { engineMethod, fullEngine, measureEngine, quickEngine } from "./engine.ts";
import { fullGeneration, generationMethod, measureGeneration, quickGeneration } from "./generation.ts";
import { repositoryRoot } from "./paths.ts";
import { fullRecomputation, measureRecomputation, quickRecomputation, recomputationMethod } from "./recomputation.ts";
import { fullQuantized, measureQuantized, quantizedMethod, quickQuantized } from "./quantized.ts";
import { fullReading, measureReading, quickReading, readingMethod } from "./reading.ts";
import { languageMethod, measureLanguage } from "./language.ts";
import { measureReportGeneration, reportGenerationMethod } from "./report-generation.ts";
import { recordRun } from "./record.ts";
import { type BenchmarkResult, benchmarkResultSchema, formatResult, type Measure } from "./result.ts";
import { fullEffort, measureTraining, quickEffort, trainingMethod } from "./training.ts";

interface Benchmark {
  readonly method: string;
  readonly measure: (quick: boolean) => Promise<Measure[]>;
}

/** Whether a quick measurement takes every row instead of one of each sort. */
const everyRow = process.env["VESALIUS_THOROUGH"] === "1";

const benchmarks: Readonly<Record<string, Benchmark>> = {
  diagnosis: { method: diagnosisMethod, measure: measureDiagnosis },
  education: { method: educationMethod, measure: measureEducation },
  engine: { method: engineMethod, measure: (quick) => measureEngine(quick ? quickEngine(everyRow) : fullEngine) },
  generation: {
    method: generationMethod,
    measure: (quick) => measureGeneration(quick ? quickGeneration : fullGeneration),
  },
  recomputation: {
    method: recomputationMethod,
    measure: (quick) => measureRecomputation(quick ? quickRecomputation : fullRecomputation),
  },
  quantized: {
    method: quantizedMethod,
    measure: (quick) => measureQuantized(quick ? quickQuantized : fullQuantized),
  },
  language: { method: languageMethod, measure: measureLanguage },
  reading: { method: readingMethod, measure: (quick) => measureReading(quick ? quickReading(everyRow) : fullReading) },
  "report-generation": { method: reportGenerationMethod, measure: measureReportGeneration },
  training: { method: trainingMethod, measure: (quick) => measureTraining(quick ? quickEffort(everyRow) : fullEffort) },
};

async function measure(name: string, quick: boolean): Promise<BenchmarkResult> {
  const { method, measure: run } = benchmarks[name]!;
  const machine = await currentEnvironment(await nodeCpu(), undefined);
  const date = new Date().toISOString().slice(0, 10);
  return benchmarkResultSchema.parse({ name, date, machine, method, measures: await run(quick) });
}

async function write(result: BenchmarkResult, text: string): Promise<void> {
  const path = join(repositoryRoot(), "benchmarks", "results", `${result.name}.json`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  execFileSync(process.execPath, [join(repositoryRoot(), "scripts", "readme-figures.mjs")]);
  process.stderr.write(`written to ${relative(repositoryRoot(), path)} and the pages that show it\n`);
}

async function main(): Promise<number> {
  const names = Object.keys(benchmarks);
  let asked: Asked;
  try {
    asked = readArguments(process.argv.slice(2), names);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usageOf(names)}`);
    return 2;
  }
  const result = asked.folder === undefined ? await measure(asked.name, asked.quick) : await recordRun(asked.folder);
  const text = `${JSON.stringify(result, null, 2)}\n`;
  process.stdout.write(asked.json ? text : formatResult(result));
  if (asked.write) await write(result, text);
  return 0;
}

process.exitCode = await main();
