import { decodeModel, domainOf } from "./decode.ts";
import { dataTypeOfCode } from "./data-types.ts";
import type { ValueInfoProto } from "./generated/onnx_pb.ts";
import { usesOf } from "./initializers.ts";
import type { DataType } from "../../common/tensor.ts";

/** An input or output as the file declares it. */
export interface DeclaredValue {
  readonly name: string;
  /** Undefined for what is no tensor, or has an element type that is not supported. */
  readonly dtype: DataType | undefined;
  /** Extents, or the names of open ones; `?` where they have none. Undefined where the file does not say. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** An input of a file. */
export interface DeclaredInput extends DeclaredValue {
  /** Whether operators read it only as a setting: a scale, a bound, a fill value. */
  readonly isSetting: boolean;
}

/** What a file says of itself, without reading its weights or binding anything. */
export interface ModelInterface {
  readonly producer: string;
  readonly opsets: ReadonlyMap<string, number>;
  /** Inputs that have to be fed. */
  readonly inputs: readonly DeclaredInput[];
  readonly outputs: readonly DeclaredValue[];
  /** Operators as the file has them, with how often, calls of local functions counted as one. */
  readonly operators: ReadonlyMap<string, number>;
  /** Names of files that weights stand in, as the file states them. */
  readonly externalFiles: readonly string[];
}

function declared({ name, type }: ValueInfoProto): DeclaredValue {
  if (type?.value.case !== "tensorType") return { name, dtype: undefined, shape: undefined };
  const { elemType, shape } = type.value.value;
  let dtype: DataType | undefined;
  try {
    dtype = dataTypeOfCode(elemType);
  } catch {
    dtype = undefined;
  }
  const extents = shape?.dim.map(({ value }) =>
    value.case === "dimValue" && value.value >= 0n ? Number(value.value) : String(value.value ?? "") || "?",
  );
  return { name, dtype, shape: extents };
}

/**
 * Reads what an ONNX file declares: its inputs and outputs with open dimensions by name, versions and operators.
 *
 * @throws VesaliusError `bad-file` when the bytes are no ONNX model of a supported version
 */
export function readInterface(bytes: Uint8Array, where = "model.onnx"): ModelInterface {
  const { model, opsets } = decodeModel(bytes, where);
  const graph = model.graph!;
  const initialized = new Set([
    ...graph.initializer.map(({ name }) => name),
    ...graph.sparseInitializer.map(({ values }) => values?.name ?? ""),
  ]);
  const operators = new Map<string, number>();
  for (const { domain, opType } of graph.node) {
    const name = domainOf(domain) === "" ? opType : `${domain}.${opType}`;
    operators.set(name, (operators.get(name) ?? 0) + 1);
  }
  const locations = graph.initializer.flatMap(({ externalData }) =>
    externalData.filter(({ key }) => key === "location").map(({ value }) => value),
  );
  const uses = usesOf(
    graph.node.map((node) => ({ node, opsets })),
    graph.output.map(({ name }) => name),
  );
  return {
    producer: [model.producerName, model.producerVersion].filter((part) => part !== "").join(" "),
    opsets,
    inputs: graph.input
      .filter(({ name }) => !initialized.has(name))
      .map((info) => ({
        ...declared(info),
        isSetting: uses.read.has(info.name) && !uses.asWeights.has(info.name),
      })),
    outputs: graph.output.map(declared),
    operators,
    externalFiles: [...new Set(locations)],
  };
}
