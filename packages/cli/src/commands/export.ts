import { Command, InvalidArgumentError, Option } from "commander";
import { exportOnnx } from "vesalius";
import { engine } from "../backend.ts";
import { isExportedModel, overwriteOption, refuseExisting } from "../existing-files.ts";
import { openModel } from "../open-model.ts";
import { jsonOption, positiveInteger, threadsOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";

type Extents = Readonly<Record<string, number>>;

interface Flags {
  readonly onnx: string;
  readonly overwrite?: true;
  readonly batchSize: number;
  readonly extent: Extents;
  readonly threads?: number;
  readonly json?: true;
}

function collectExtent(text: string, before: Extents): Extents {
  const [part, value, ...more] = text.split("=");
  if (part === undefined || part === "" || value === undefined || more.length > 0)
    throw new InvalidArgumentError("write the part and its extent, such as text=128.");
  return { ...before, [part]: positiveInteger(value) };
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

export function exportCommand(): Command {
  const command = new Command("export")
    .summary("write a model as one ONNX file")
    .description(
      "Writes a saved model, whatever its task, as one plain ONNX file that standardises its inputs itself, and checks the file against the model: " +
        "its outputs may differ by at most 0.0001 of their largest value.",
    )
    .argument("<model>", "folder of a saved model, in a run one of models/")
    .requiredOption("--onnx <file>", "file to write")
    .addOption(overwriteOption())
    .option("--batch-size <count>", "examples that the file's model takes at once", positiveInteger, 1)
    .addOption(
      new Option(
        "--extent <part=count>",
        "extent of a part that varies in length, such as text=128; the largest by default; may be repeated",
      )
        .argParser(collectExtent)
        .default({}, "none"),
    )
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (folder: string, flags: Flags) => {
      const { onnx, batchSize, extent, threads, json, overwrite } = flags;
      const output = createOutput(json === true);
      await refuseExisting(onnx, {
        flag: "--onnx",
        isOwn: isExportedModel,
        overwrite,
      });
      const model = await openModel(folder, output);
      const exported = await exportOnnx(model, onnx, { batchSize, extents: extent, backend: await engine(threads) });
      const { bytes, inputs, outputs, largestDifference } = exported;
      const lines = [
        `${onnx}: ${bytes} bytes, outputs differ from the model's by at most ${largestDifference.toExponential(1)}`,
        ...Object.entries(inputs).map(([name, { dtype, shape }]) => `input  ${name} ${dtype} ${shapeText(shape)}`),
        ...Object.entries(outputs).map(([name, shape]) => `output ${name} ${shapeText(shape)}`),
      ];
      output.result({ file: onnx, ...exported }, lines.join("\n"));
    });
  return withExamples(command, "vesalius export runs/pneumonia/models/lora-seed1 --onnx pneumonia.onnx --batch-size 8");
}
