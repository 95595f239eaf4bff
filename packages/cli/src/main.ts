/** Entry of the command line: what has to be in place before anything that takes long, or can fail, is loaded. */
import { tolerateBrokenOutput } from "./broken-output.ts";
import { listenForSignals } from "./interrupt.ts";

const args = process.argv.slice(2);
tolerateBrokenOutput();
listenForSignals(args.includes("--json"));

const { runProgram } = await import("./run-program.ts");
process.exitCode = await runProgram(args);
