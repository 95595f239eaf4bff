import { Command } from "commander";
import { currentEnvironment } from "vesalius/recipes";
import { loadOnnxRuntimeNode } from "vesalius/runtime";
import { engine } from "../backend.ts";
import {
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
      const backend = await engine(threads);
      const environment = await currentEnvironment(backend, threads);
      const providers = (await loadOnnxRuntimeNode()).listSupportedBackends().map(({ name }) => name);
      const checks = [
        ...(await checkProviders(providers)),
        await checkTraining(backend),
        await checkTelemetry(),
        ...(await checkPackages()),
        await checkMemory(),
        await checkOutput(out),
      ];
      const gigaflops = await measureMatrixProducts(backend);
      const failed = checks.filter(({ works, needed }) => needed && !works);
      const text = formatPairs([
        ["Vesalius", environment.vesalius],
        ["Node.js", environment.node],
        [
          "ONNX Runtime",
          `${environment.engine.version}, backend ${environment.engine.name}, ${environment.threads} threads`,
        ],
        ["Processor", `${environment.cpu}, ${environment.cores} cores`],
        ["Memory", `${environment.memoryGiB} GiB`],
        ["Matrix products", `${gigaflops.toFixed(0)} GFLOP/s`],
        ...checks.map(lineOf),
      ]);
      const result = { works: failed.length === 0, environment, matrixProductGigaflops: gigaflops, checks };
      output.result(result, text);
      if (failed.length > 0) process.exitCode = 1;
    });
  return withExamples(command, "vesalius doctor", "vesalius doctor --out runs --json");
}
