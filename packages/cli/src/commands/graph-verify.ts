import { Command } from "commander";
import { VesaliusError } from "vesalius";
import { type CaseResult, findTestFolders, verifyFolders } from "vesalius/models/checkpoints";
import { jsonOption, withExamples } from "../options.ts";
import { createOutput, exitCodes } from "../output.ts";

const derivativeText = { checked: "derivative checked", skipped: "derivative not checked", wrong: "" } as const;

function lineOf({ name, status, reason, derivative }: CaseResult): string {
  const details = [
    reason,
    derivative && derivativeText[derivative.status],
    derivative?.status === "skipped" ? derivative.reason : undefined,
  ].filter((part) => part !== undefined && part !== "");
  return `${status.padEnd(11)}  ${name}${details.length === 0 ? "" : `: ${details.join(", ")}`}`;
}

export function graphVerifyCommand(): Command {
  const command = new Command("verify")
    .summary("check ONNX models against expected outputs")
    .description(
      "Takes test cases in ONNX's layout (model.onnx, test_data_set_*/input_*.pb and output_*.pb), or folders of such, through the graph and back, compares outputs with relative tolerance 1e-3 and absolute tolerance 1e-7, and where the operators allow one directional derivative with central differences in float32 (tolerance 1e-2). A case that ends the engine fails alone. Exits with 1 where a case fails.",
    )
    .argument("<folders...>", "test cases, or folders that hold them")
    .addOption(jsonOption())
    .action(async (folders: string[], { json }: { json?: true }) => {
      const output = createOutput(json === true);
      const cases: CaseResult[] = [];
      const found = await Promise.all(folders.map((folder) => findTestFolders(folder)));
      for await (const result of verifyFolders(found.flat())) {
        cases.push(result);
        if (!output.json) output.result(result, lineOf(result));
      }
      if (cases.length === 0)
        throw new VesaliusError("missing-file", "there is no test case here", {
          where: folders.join(", "),
          fix: "name folders that hold a model.onnx",
        });
      const count = (status: CaseResult["status"]): number => cases.filter((result) => result.status === status).length;
      const counts = {
        pass: count("pass"),
        fail: count("fail"),
        unsupported: count("unsupported"),
        derivativesChecked: cases.filter(({ derivative }) => derivative?.status === "checked").length,
      };
      output.result(
        { counts, cases },
        `${counts.pass} passed (${counts.derivativesChecked} with a derivative), ${counts.fail} failed, ${counts.unsupported} unsupported`,
      );
      if (counts.fail > 0) process.exitCode = exitCodes.failure;
    });
  return withExamples(
    command,
    "vesalius graph verify /usr/share/libonnx-testdata/data/node",
    "vesalius graph verify test_conv test_relu --json",
  );
}
