import { Command } from "commander";
import { graphInspectCommand } from "./graph-inspect.ts";
import { graphVerifyCommand } from "./graph-verify.ts";

export function graphCommand(): Command {
  return new Command("graph")
    .summary("look into ONNX models and check them")
    .description("Reads ONNX models as the graphs that Vesalius trains, adapts and exports.")
    .addCommand(graphInspectCommand())
    .addCommand(graphVerifyCommand());
}
