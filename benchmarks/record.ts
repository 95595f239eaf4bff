import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { meanInterval } from "vesalius/evaluation";
import { type RunReport, runReportSchema, syntheticNotice } from "vesalius/recipes";
import { type BenchmarkResult, benchmarkResultSchema, type Measure } from "./result.ts";

type Estimate = Pick<Measure, "lower" | "upper"> & { readonly value: number | null };

/** A figure with its interval; left out where it is not defined. */
function estimate(name: string, { value, lower, upper }: Estimate): Measure[] {
  return value === null ? [] : [{ name, value, lower, upper, unit: "", ratio: null, of: null }];
}

const plain = (name: string, value: number, unit: string): Measure => ({ name, value, unit, ratio: null, of: null });

const pretrainings = ({ stages }: RunReport) => stages.filter((stage) => stage.kind === "pretraining");

/** Where the loss of pretraining ended, over its seeds. */
function lastLoss(report: RunReport): Measure[] {
  const losses = pretrainings(report).flatMap(({ history }) => history.at(-1)?.loss ?? []);
  if (losses.length === 0) return [];
  const { estimate: value, ...ends } = meanInterval(losses);
  const [lower, upper] = [ends.lower, ends.upper].map((end) => (Number.isFinite(end) ? end : null));
  return estimate("last loss of pretraining", { value, lower, upper });
}

/** Estimates of a run as a result: every method, the floors, studies, time and energy. */
export function measuresOf(report: RunReport): Measure[] {
  const { floors, methods, studies, cost, metric } = report;
  const label = metric === null ? "" : report.metrics[metric]!.label;
  return [
    ...floors
      .filter((floor) => floor.metric === metric)
      .flatMap(({ name, value }) => estimate(`${label}, ${name} (floor)`, { value })),
    ...methods.flatMap(({ method, metrics }) =>
      metric === null ? [] : estimate(`${label}, ${method}`, metrics[metric]!),
    ),
    ...studies.flatMap(({ results }) =>
      results.flatMap(({ method, examples, estimate: found }) =>
        estimate(`${label}, ${method}, ${examples} labels`, found),
      ),
    ),
    ...lastLoss(report),
    plain("time of the whole run", cost.seconds, "s"),
    plain("training time spent waiting for data", cost.waitingShare, "share"),
    plain(`energy, ${cost.energy.source}`, cost.energy.wattHours, "Wh"),
  ];
}

function methodOf(report: RunReport): string {
  const { name, split, synthetic, methods, datasets, environment } = report;
  const seeds = Math.max(...methods.map((method) => method.seeds.length));
  const over =
    seeds === 1
      ? "one seed; 95% bootstrap intervals over the cases"
      : `means over ${seeds} seeds${pretrainings(report).length > 1 ? " of pretraining and adaptation together" : ""}; ` +
        "95% Student-t intervals over the seeds";
  const data = [...new Set(datasets.map((dataset) => dataset.name))].join(", ");
  return `Recipe ${name} on ${data}, ${split} split, ${over}, ${environment.threads} threads.${synthetic ? ` ${syntheticNotice}` : ""}`;
}

/**
 * Takes the figures of a finished run from its folder.
 *
 * @throws where the folder holds no `report.json` of a run
 */
export async function recordRun(folder: string): Promise<BenchmarkResult> {
  const path = join(folder, "report.json");
  const report = runReportSchema.parse(JSON.parse(await readFile(path, "utf8")));
  const { mtime } = await stat(path);
  return benchmarkResultSchema.parse({
    name: report.name,
    date: mtime.toISOString().slice(0, 10),
    machine: report.environment,
    method: methodOf(report),
    measures: measuresOf(report),
  });
}
