import { Command, InvalidArgumentError, Option } from "commander";
import { readBytes } from "vesalius/data";
import { readInterface } from "vesalius/graph";
import { inspectModel, type ModelInspection, readOnnx } from "vesalius/models/checkpoints";
import { jsonOption, positiveInteger, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { formatPairs, formatTable } from "../table.ts";

type Dimensions = Readonly<Record<string, number>>;

interface Flags {
  readonly dimension: Dimensions;
  readonly defaultDimension?: number;
  readonly json?: true;
}

/** Parses `name=extent` and adds it to those before. */
function addDimension(text: string, before: Dimensions): Dimensions {
  const cut = text.lastIndexOf("=");
  if (cut < 1) throw new InvalidArgumentError("write name=extent, for example batch=1.");
  return { ...before, [text.slice(0, cut)]: positiveInteger(text.slice(cut + 1)) };
}

const shapeText = ({ dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] }): string =>
  `${dtype} [${shape.map((extent) => (extent < 0 ? "?" : extent)).join(", ")}]`;

const differentiable = { yes: "yes", constant: "no derivative", no: "no" } as const;

function formatInspection(inspection: ModelInspection): string {
  const { inputs, outputs, operators, parameters, constants, opaque, opsets, producer } = inspection;
  return [
    formatPairs([
      ["Producer", producer === "" ? "not stated" : producer],
      [
        "Opset",
        Object.entries(opsets)
          .map(([domain, version]) => (domain === "" ? version : `${domain} ${version}`))
          .join(", "),
      ],
      ...inputs.map((input): [string, string] => [`Input ${input.name}`, shapeText(input)]),
      ...outputs.map((output): [string, string] => [`Output ${output.name}`, shapeText(output)]),
      ["Parameters", `${parameters.count} tensors, ${parameters.elements} elements, ${parameters.bytes} bytes`],
      ["Constants", `${constants.count} tensors, ${constants.bytes} bytes`],
      ["Differentiable", inspection.isDifferentiable ? "yes" : "not through every operator"],
    ]),
    "",
    formatTable(
      ["operator", "count", "differentiable"],
      operators.map(({ type, count, differentiable: kind }) => [type, count, differentiable[kind]]),
    ),
    ...(opaque.length === 0
      ? []
      : [
          "",
          "Runs, but cannot be inferred",
          ...opaque.map(({ node, type, reason }) => `- ${node} (${type}): ${reason}`),
        ]),
  ].join("\n");
}

export function graphInspectCommand(): Command {
  const command = new Command("inspect")
    .summary("describe an ONNX model")
    .description(
      "Lists inputs, outputs, parameters and operators of an ONNX model, and which operators can be differentiated.",
    )
    .argument("<model>", "path of the .onnx file")
    .addOption(
      new Option("--dimension <name=extent>", "extent of an open dimension; may be repeated")
        .argParser(addDimension)
        .default({}, "none"),
    )
    .addOption(
      new Option("--default-dimension <extent>", "extent of every open dimension that is not named").argParser(
        positiveInteger,
      ),
    )
    .addOption(jsonOption())
    .action(async (path: string, { dimension, defaultDimension, json }: Flags) => {
      const imported = await readOnnx(path, {
        dimensions: dimension,
        ...(defaultDimension === undefined ? {} : { defaultDimension }),
      });
      const inspection = inspectModel(imported, readInterface(await readBytes(path), path));
      createOutput(json === true).result(inspection, formatInspection(inspection));
    });
  return withExamples(
    command,
    "vesalius graph inspect model.onnx --dimension batch=1",
    "vesalius graph inspect model.onnx --default-dimension 1 --json",
  );
}
