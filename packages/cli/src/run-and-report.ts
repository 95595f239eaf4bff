import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { writeFileAtomic } from "vesalius";
import {
  formatSummary,
  type RecipeInput,
  recipeResult,
  runRecipe,
  runReportSchema,
  type ShownPrompts,
  showPrompts,
} from "vesalius/recipes";
import { isResult, refuseExisting } from "./existing-files.ts";
import { onInterrupt } from "./interrupt.ts";
import type { Output } from "./output.ts";
import { showProgress } from "./progress.ts";
import { timestamp } from "./timestamp.ts";

/** Where runs and what they share lie unless told otherwise. */
const runs = "runs";

/** What commands that run recipes are told about the run. */
export interface RunFlags {
  readonly data?: string;
  /** Most bytes that reading data may hold in memory. */
  readonly memory?: number;
  /** Whether datasets may be links that lead out of the folder of data. */
  readonly followLinks?: boolean;
  readonly out?: string;
  readonly stages?: string;
  readonly fresh?: true;
  readonly smoke?: true;
  readonly result?: string;
  readonly threads?: number;
  readonly wattsPerCore?: number;
  readonly gramsPerKwh?: number;
  /** Hosts that methods may send what examples say to. */
  readonly allowEndpoint?: readonly string[];
  /** Prompts to print in place of running. */
  readonly showPrompts?: number;
}

/** Prompts as a person reads them. */
const promptText = ({ method, sentTo, prompts }: ShownPrompts): string =>
  prompts
    .map((messages, i) => {
      const to = sentTo === null ? "stays on this machine" : `would be sent to ${sentTo}`;
      const turns = messages.map(({ role, content }) => `[${role}]\n${content}`);
      return [`== ${method}, prompt ${i + 1}, ${to}`, ...turns].join("\n");
    })
    .join("\n\n");

/** Folder in which a run shares stages: the one that is named, or beside the run where that lies among the others. */
function stagesOf(out: string, { stages, fresh }: RunFlags): string | undefined {
  if (fresh === true) return undefined;
  return stages ?? (resolve(dirname(out)) === resolve(runs) ? join(runs, "stages") : undefined);
}

/** Writes the result of a run as tables of recipes read it. */
async function writeResult(folder: string, file: string): Promise<void> {
  const report = runReportSchema.parse(JSON.parse(await readFile(join(folder, "report.json"), "utf8")));
  await writeFileAtomic(file, `${JSON.stringify(recipeResult(report), null, 2)}\n`);
}

/** Runs a recipe with progress on stderr and Ctrl-C that saves, and prints what came out. */
export async function runAndReport(recipe: RecipeInput, flags: RunFlags, output: Output): Promise<void> {
  const { data, memory, followLinks, smoke, result, threads, wattsPerCore, gramsPerKwh, allowEndpoint } = flags;
  const opening = {
    ...(data === undefined ? {} : { data }),
    ...(memory === undefined ? {} : { maxBytes: memory }),
    ...(followLinks === undefined ? {} : { followLinks }),
    ...(smoke === undefined ? {} : { smoke }),
  };
  if (flags.showPrompts !== undefined) {
    const shown = await showPrompts(recipe, opening, flags.showPrompts);
    output.result(shown, shown.map(promptText).join("\n\n"));
    return;
  }
  const folder = flags.out ?? join(runs, `${recipe.name}${smoke === true ? "-smoke" : ""}-${timestamp()}`);
  const stages = stagesOf(folder, flags);
  if (result !== undefined) await refuseExisting(result, { flag: "--result", isOwn: isResult });
  output.note(`${recipe.title ?? recipe.name}: ${folder}`);
  const interrupt = onInterrupt((text) => output.note(text));
  try {
    const outcome = await runRecipe(recipe, {
      out: folder,
      signal: interrupt.signal,
      onEvent: showProgress(process.stderr),
      ...opening,
      ...(allowEndpoint === undefined ? {} : { allowEndpoint }),
      ...(stages === undefined ? {} : { stages }),
      ...(threads === undefined ? {} : { threads }),
      energy: {
        ...(wattsPerCore === undefined ? {} : { wattsPerCore }),
        ...(gramsPerKwh === undefined ? {} : { gramsPerKilowattHour: gramsPerKwh }),
      },
    });
    if (result !== undefined) await writeResult(outcome.folder, result);
    const report = join(outcome.folder, "report.html");
    output.result(
      { ...outcome, report },
      `${formatSummary(outcome.summary)}\n${outcome.summary.notice}\nreport: ${report}`,
    );
  } finally {
    interrupt.release();
  }
}
