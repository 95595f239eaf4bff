import { join } from "node:path";
import { formatSummary, type RecipeInput, runRecipe } from "vesalius/recipes";
import { onInterrupt } from "./interrupt.ts";
import type { Output } from "./output.ts";
import { showProgress } from "./progress.ts";
import { timestamp } from "./timestamp.ts";

/** What `run`, `pretrain` and `adapt` are told. */
export interface RunFlags {
  readonly data?: string;
  readonly out?: string;
  readonly threads?: number;
  readonly wattsPerCore?: number;
  readonly gramsPerKwh?: number;
}

/** Runs a recipe with progress on stderr and Ctrl-C that saves, and prints what came out. */
export async function runAndReport(
  recipe: RecipeInput,
  { data, out, threads, wattsPerCore, gramsPerKwh }: RunFlags,
  output: Output,
): Promise<void> {
  const folder = out ?? join("runs", `${recipe.name}-${timestamp()}`);
  output.note(`${recipe.title ?? recipe.name}: ${folder}`);
  const interrupt = onInterrupt((text) => output.note(text));
  try {
    const outcome = await runRecipe(recipe, {
      out: folder,
      signal: interrupt.signal,
      onEvent: showProgress(process.stderr),
      ...(data === undefined ? {} : { data }),
      ...(threads === undefined ? {} : { threads }),
      energy: {
        ...(wattsPerCore === undefined ? {} : { wattsPerCore }),
        ...(gramsPerKwh === undefined ? {} : { gramsPerKilowattHour: gramsPerKwh }),
      },
    });
    const report = join(outcome.folder, "report.html");
    output.result(
      { ...outcome, report },
      `${formatSummary(outcome.summary)}\n${outcome.summary.notice}\nreport: ${report}`,
    );
  } finally {
    interrupt.release();
  }
}
