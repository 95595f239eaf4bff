import { Command } from "commander";
import { currentEnvironment } from "vesalius/recipes";
import { type Backend, loadOnnxRuntimeNode } from "vesalius/runtime";
import {
  checkEngine,
  checkMemory,
  checkOutput,
  checkPackages,
  checkProviders,
  checkTelemetry,
  checkTraining,
  measureMatrixProducts,
  type Check,
} from "../doctor/checks.ts";
import { jsonOption, threadsOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { formatPairs } from "../table.ts";

interface Flags {
  readonly out: string;
  readonly threads?: number;
  readonly json?: true;
}

function lineOf({ works, needed, name, detail }: Check): readonly [string, string] {
  if (works) return [`ok    ${name}`, detail];
  return [`${needed ? "FAIL " : "no   "} ${name}`, detail];
}

/** What stands in place of an engine that does not load. */
const noEngine = { name: "none", version: "does not load" };

/** Checks of what runs on the engine. */
async function checksOfEngine(backend: Backend): Promise<Check[]> {
  const providers = (await loadOnnxRuntimeNode()).listSupportedBackends().map(({ name }) => name);
  return [...(await checkProviders(providers)), await checkTraining(backend), await checkTelemetry()];
}

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .summary("check what works on this machine")
    .description(
      "Runs a small model on every backend, trains for a few steps, looks whether the engine's telemetry is off, measures the rate of matrix products and looks for optional packages. Exits with 1 where something that everything needs does not work.",
    )
    .option("--out <folder>", "folder in which results should be writable", ".")
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async ({ out, threads, json }: Flags) => {
      const output = createOutput(json === true);
      const { backend, check } = await checkEngine(threads);
      const environment = await currentEnvironment(backend ?? noEngine, threads);
      const checks = [
        check,
        ...(backend === undefined ? [] : await checksOfEngine(backend)),
        ...(await checkPackages()),
        await checkMemory(),
        await checkOutput(out),
      ];
      const gigaflops = backend === undefined ? null : await measureMatrixProducts(backend);
      const failed = checks.filter(({ works, needed }) => needed && !works);
      const { engine } = environment;
      const text = formatPairs([
        ["Vesalius", environment.vesalius],
        ["Node.js", environment.node],
        ["ONNX Runtime", `${engine.version}, backend ${engine.name}, ${environment.threads} threads`],
        ["Processor", `${environment.cpu}, ${environment.cores} cores`],
        ["Memory", `${environment.memoryGiB} GiB`],
        ["Matrix products", gigaflops === null ? "not measured" : `${gigaflops.toFixed(0)} GFLOP/s`],
        ...checks.map(lineOf),
      ]);
      const result = { works: failed.length === 0, environment, matrixProductGigaflops: gigaflops, checks };
      output.result(result, text);
      if (failed.length > 0) process.exitCode = 1;
    });
  return withExamples(command, "vesalius doctor", "vesalius doctor --out runs --json");
}
