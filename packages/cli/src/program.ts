import { Command } from "commander";
import { adaptCommand } from "./commands/adapt.ts";
import { atlasCommand } from "./commands/atlas.ts";
import { applyCommand } from "./commands/apply.ts";
import { dataCommand } from "./commands/data.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { exportCommand } from "./commands/export.ts";
import { graphCommand } from "./commands/graph.ts";
import { indexCommand } from "./commands/index-documents.ts";
import { planCommand } from "./commands/plan.ts";
import { predictCommand } from "./commands/predict.ts";
import { pretrainCommand } from "./commands/pretrain.ts";
import { runCommand } from "./commands/run.ts";

const commands = [
  runCommand,
  planCommand,
  pretrainCommand,
  adaptCommand,
  evaluateCommand,
  predictCommand,
  exportCommand,
  applyCommand,
  indexCommand,
  atlasCommand,
  dataCommand,
  graphCommand,
  doctorCommand,
];

/** The command line with all its commands. */
export function createProgram(version: string): Command {
  const program = new Command("vesalius")
    .description("Healthcare foundation models: pretrain, adapt, evaluate, predict, export. Research use only.")
    .version(version)
    .showSuggestionAfterError()
    // What stands behind a command is its own, so that a command and those below it may have options of one name.
    .enablePositionalOptions();
  for (const create of commands) program.addCommand(create());
  return program;
}
