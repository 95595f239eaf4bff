import { tolerateClosedPipes } from "./closed-pipes.ts";
import { runProgram } from "./run-program.ts";

tolerateClosedPipes();
process.exitCode = await runProgram(process.argv.slice(2));
