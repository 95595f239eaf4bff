import { Command, InvalidArgumentError, Option } from "commander";
import { readBytes } from "vesalius/data";
import { type BindingHelp, readInterface } from "vesalius/graph";
import { inspectModel, type ModelInspection, readOnnx } from "vesalius/models/checkpoints";
import { jsonOption, nonNegativeInteger, positiveInteger, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { formatPairs, formatTable } from "../table.ts";

type Dimensions = Readonly<Record<string, number>>;
type Shapes = Readonly<Record<string, readonly number[]>>;

interface Flags {
  readonly dimension: Dimensions;
  readonly shape: Shapes;
  readonly defaultDimension?: number;
  readonly json?: true;
}

/** The name before the last equals sign, and what stands behind it. */
function nameAndValue(text: string, form: string): [name: string, value: string] {
  const cut = text.lastIndexOf("=");
  if (cut < 1) throw new InvalidArgumentError(`write ${form}.`);
  return [text.slice(0, cut), text.slice(cut + 1)];
}

/** Parses `name=extent` and adds it to those before. */
function addDimension(text: string, before: Dimensions): Dimensions {
  const [name, extent] = nameAndValue(text, "name=extent, for example batch=1");
  return { ...before, [name]: positiveInteger(extent) };
}

/** Parses `input=extent,extent,...`, nothing behind the equals sign for a single number, and adds it to those before. */
function addShape(text: string, before: Shapes): Shapes {
  const [name, extents] = nameAndValue(text, "input=extent,extent,..., for example x=1,8");
  return { ...before, [name]: extents === "" ? [] : extents.split(",").map((extent) => nonNegativeInteger(extent)) };
}

/** How the flags below bind what a model leaves open. */
const bindingFlags: BindingHelp = {
  dimension: (name) => `--dimension ${quoted(name)}=1`,
  shape: (input) => `--shape ${quoted(input)}=1,8`,
};

/** A name as a shell takes it for one word. */
function quoted(name: string): string {
  return /^[\w.:/@-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
}

const shapeText = ({ dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] }): string =>
  `${dtype} [${shape.map((extent) => (extent < 0 ? "?" : extent)).join(", ")}]`;

const differentiable = {
  yes: "yes",
  straightThrough: "straight through",
  constant: "no derivative",
  no: "no",
} as const;

function formatInspection(inspection: ModelInspection): string {
  const { inputs, outputs, operators, parameters, constants, droppedOutputs, opaque, opsets, producer } = inspection;
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
    ...(droppedOutputs.length === 0
      ? []
      : [
          "",
          `Caution: ${droppedOutputs.length} outputs are left out`,
          ...droppedOutputs.map(({ name, reason, fix }) => `- ${name}: ${reason}; ${fix}`),
        ]),
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
    .addOption(
      new Option("--shape <input=extents>", "whole shape of an input, for example x=1,8; may be repeated")
        .argParser(addShape)
        .default({}, "none"),
    )
    .addOption(jsonOption())
    .action(async (path: string, { dimension, shape, defaultDimension, json }: Flags) => {
      const imported = await readOnnx(path, {
        dimensions: dimension,
        inputShapes: shape,
        bindingHelp: bindingFlags,
        ...(defaultDimension === undefined ? {} : { defaultDimension }),
      });
      const inspection = inspectModel(imported, readInterface(await readBytes(path), path));
      createOutput(json === true).result(inspection, formatInspection(inspection));
    });
  return withExamples(
    command,
    "vesalius graph inspect model.onnx --dimension batch=1",
    "vesalius graph inspect model.onnx --default-dimension 1 --json",
    "vesalius graph inspect model.onnx --shape x=1,8",
  );
}
