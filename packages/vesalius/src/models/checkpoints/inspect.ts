import {
  bytesPerElement,
  definitionOf,
  elementCount,
  type ImportedModel,
  type ModelInterface,
  type Node,
  type TensorType,
} from "../../graph/index.ts";

/** What is known of one operator of a model. */
export interface OperatorSummary {
  /** With its domain where that is not ONNX's own. */
  readonly type: string;
  readonly count: number;
  /**
   * `yes`: a gradient rule; `straightThrough`: it rounds, and gradients go through as if it did not; `constant`: its
   * results have no derivative (comparisons, indices); `no`: refused by name.
   */
  readonly differentiable: "yes" | "straightThrough" | "constant" | "no";
}

/** What a model is made of. */
export interface ModelInspection {
  readonly producer: string;
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[];
  /** Operators of the graph after folding, most frequent first. */
  readonly operators: readonly OperatorSummary[];
  readonly parameters: { readonly count: number; readonly elements: number; readonly bytes: number };
  readonly constants: { readonly count: number; readonly bytes: number };
  /** Whether every operator can be differentiated or has no derivative to begin with. */
  readonly isDifferentiable: boolean;
  /** Nodes that run but cannot be inferred, with the reason. */
  readonly opaque: ImportedModel["opaque"];
  /** Outputs of the file that are no tensors and are left out, with the reason. */
  readonly droppedOutputs: ImportedModel["droppedOutputs"];
}

const bytesOf = ({ shape, dtype }: TensorType): number => Math.ceil(elementCount(shape) * bytesPerElement(dtype));

const describe = (name: string, { dtype, shape }: TensorType) => ({ name, dtype, shape });

function differentiability({ type, domain, gradient }: Node): OperatorSummary["differentiable"] {
  const definition = definitionOf(type, domain);
  if (definition?.straightThrough !== undefined && gradient === undefined) return "straightThrough";
  const rule = definition?.gradient;
  if (rule === "none") return "constant";
  // The importer gives a rule of its own, which refuses, to nodes that it could not infer.
  return rule === undefined || gradient !== undefined ? "no" : "yes";
}

/** Sums up an imported model: what goes in and out, its operators, and which of them can be differentiated. */
export function inspectModel(imported: ImportedModel, declared: ModelInterface): ModelInspection {
  const { graph } = imported;
  const operators = new Map<string, OperatorSummary>();
  for (const node of graph.nodes) {
    const type = node.domain === "" ? node.type : `${node.domain}.${node.type}`;
    const differentiable = differentiability(node);
    const key = `${type} ${differentiable}`;
    operators.set(key, { type, differentiable, count: (operators.get(key)?.count ?? 0) + 1 });
  }
  const parameters = [...graph.parameters.values()];
  const constants = new Set(graph.nodes.flatMap(({ inputs }) => inputs.filter((input) => input?.kind === "constant")));
  const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
  return {
    producer: declared.producer,
    opsets: Object.fromEntries(imported.opsets),
    inputs: [...graph.inputs].map(([name, value]) => describe(name, value)),
    outputs: [...graph.outputs].map(([name, value]) => describe(name, value)),
    operators: [...operators.values()].sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1)),
    parameters: {
      count: parameters.length,
      elements: sum(parameters.map(({ shape }) => elementCount(shape))),
      bytes: sum(parameters.map(bytesOf)),
    },
    constants: { count: constants.size, bytes: sum([...constants].map((value) => bytesOf(value!))) },
    isDifferentiable: [...operators.values()].every(({ differentiable }) => differentiable !== "no"),
    opaque: imported.opaque,
    droppedOutputs: imported.droppedOutputs,
  };
}
