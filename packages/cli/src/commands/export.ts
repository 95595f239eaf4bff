import { Command } from "commander";
import { exportOnnx, loadClassifier } from "vesalius";
import { engine } from "../backend.ts";
import { jsonOption, positiveInteger, threadsOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";

interface Flags {
  readonly onnx: string;
  readonly batchSize: number;
  readonly threads?: number;
  readonly json?: true;
}

export function exportCommand(): Command {
  const command = new Command("export")
    .summary("write a model as one ONNX file")
    .description(
      "Writes a saved model as one plain ONNX file with preprocessing inside (input: pixels from 0 to 1), and checks the file against the model: " +
        "probabilities may differ by at most 0.0001.",
    )
    .argument("<model>", "folder of a saved model, in a run one of models/")
    .requiredOption("--onnx <file>", "file to write")
    .option("--batch-size <count>", "images that the file's model takes at once", positiveInteger, 1)
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (folder: string, { onnx, batchSize, threads, json }: Flags) => {
      const model = await loadClassifier(folder);
      const exported = await exportOnnx(model, onnx, { batchSize, backend: await engine(threads) });
      const { bytes, inputShape, largestDifference } = exported;
      createOutput(json === true).result(
        { file: onnx, ...exported },
        `${onnx}: ${bytes} bytes, input [${inputShape.join(", ")}], probabilities differ from the model's by at most ${largestDifference.toExponential(1)}`,
      );
    });
  return withExamples(command, "vesalius export runs/pneumonia/models/lora-seed1 --onnx pneumonia.onnx --batch-size 8");
}
