import { basename, resolve } from "node:path";
import { Command } from "commander";
import { writeFileAtomic } from "vesalius";
import { formatPlan, rehearseRecipe } from "vesalius/recipes";
import { overwriteOption, refuseExisting } from "../existing-files.ts";
import { jsonOption, threadsOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { addPlanOptions, planFor, type PlanFlags, seedFlag } from "../plan-flags.ts";
import { dataHelp } from "../sources.ts";

interface Flags extends PlanFlags {
  readonly out?: string;
  readonly overwrite?: true;
  readonly json?: true;
}

/** A recipe's name from that of a folder. */
const nameOf = (path: string): string =>
  basename(resolve(path))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "") || "planned";

export function planCommand(): Command {
  const command = new Command("plan")
    .summary("write a recipe for data that nobody has trained on")
    .description(
      "Recognises the layout of a dataset, infers the task from the kinds of its columns, chooses network, size, batch and steps from data and machine, tries them for a few steps, rehearses the whole run on a few examples, and writes a recipe with the reason of each choice as a comment.",
    )
    .argument("<data>", dataHelp)
    .option("--out <file>", "recipe to write (default: stdout)")
    .addOption(overwriteOption());
  seedFlag(addPlanOptions(command))
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (path: string, flags: Flags) => {
      const output = createOutput(flags.json === true);
      const { out, overwrite } = flags;
      // Also a plan of before: somebody may have changed it since.
      if (out !== undefined) await refuseExisting(out, { flag: "--out", overwrite });
      const { planned, data } = await planFor(path, flags, nameOf(path));
      const text = formatPlan(planned);
      const { recipe, reasons, seconds } = planned;
      const rehearsal = await rehearseRecipe(recipe, { data, maxBytes: flags.memory, followLinks: true });
      const cautions = [...planned.cautions, ...rehearsal];
      for (const caution of cautions) output.note(`caution: ${caution}`);
      if (out === undefined) {
        output.result({ recipe, reasons, cautions, seconds }, text);
        return;
      }
      await writeFileAtomic(out, text);
      output.result({ file: out, recipe, reasons, cautions, seconds }, out);
    });
  return withExamples(
    command,
    "vesalius plan ./data/ncbi-disease",
    "vesalius plan ./data/msd-hippocampus --minutes 25 --out hippocampus.yaml",
  );
}
