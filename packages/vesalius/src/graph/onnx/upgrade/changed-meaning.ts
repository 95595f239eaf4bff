import { VesaliusError } from "../../../common/errors.ts";
import { elementCount, type Tensor } from "../../../common/tensor.ts";
import { elementTypeCode } from "../data-types.ts";
import { type NodeProto, NodeProtoSchema, TensorProto_DataType } from "../generated/onnx_pb.ts";
import { changed } from "../messages.ts";
import {
  attributeNamed,
  constantNode,
  int64Vector,
  integerOf,
  nodeOf,
  type UpgradeRule,
  withAttributes,
  withInputs,
} from "./rule.ts";

const renamed = (node: NodeProto, opType: string): NodeProto => changed(NodeProtoSchema, node, { opType });

/** Before opset 13, Softmax and its like ran over all axes from `axis` on at once, and `axis` was 1 by default. */
const softmax: UpgradeRule = {
  types: ["Softmax", "LogSoftmax", "Hardmax"],
  until: 13,
  upgrade: (node, { fresh, typeOf }) => {
    const [x, y] = [node.input[0]!, node.output[0]!];
    const rank = typeOf(x)?.shape.length;
    const axis = integerOf(node, "axis", 1);
    const last = { axis: { kind: "int", value: -1 } as const };
    if (rank !== undefined && (axis === rank - 1 || axis === -1)) return [withAttributes(node, [], last)];
    const [flat, result, shape] = [fresh("flat"), fresh("flat"), fresh("shape")];
    return [
      nodeOf("Flatten", [x], [flat], { axis: { kind: "int", value: axis } }),
      changed(NodeProtoSchema, withAttributes(node, [], last), { input: [flat], output: [result] }),
      nodeOf("Shape", [x], [shape]),
      nodeOf("Reshape", [result, shape], [y]),
    ];
  },
};

const batchNormalization: UpgradeRule = {
  types: ["BatchNormalization"],
  until: 14,
  upgrade: (node, { version }) => {
    if (integerOf(node, "spatial", 1) === 0)
      throw new VesaliusError("unsupported-operator", "BatchNormalization over single positions (spatial = 0)", {
        where: node.name,
        fix: "export the model with opset 9 or later",
      });
    const training = node.output.filter((name) => name !== "").length > 1 && integerOf(node, "is_test", 0) === 0;
    const rest = withAttributes(node, ["spatial", "is_test", "consumed_inputs"]);
    // With the old outputs (mean, variance, saved mean, saved variance) the operator was in training mode.
    if (!training || version < 7) return [changed(NodeProtoSchema, rest, { output: node.output.slice(0, 1) })];
    return [
      changed(NodeProtoSchema, withAttributes(rest, [], { training_mode: { kind: "int", value: 1 } }), {
        output: node.output.slice(0, 3),
      }),
    ];
  },
};

/** Dropout does nothing in inference. Since opset 12 an input may ask for training, and then the node stays. */
const dropout: UpgradeRule = {
  types: ["Dropout"],
  until: 12,
  upgrade: (node) => [withAttributes(node, ["ratio", "is_test", "seed", "consumed_inputs"])],
};

/** Before opset 21, scale and bias had one entry for each group rather than for each channel. */
const groupNormalization: UpgradeRule = {
  types: ["GroupNormalization"],
  until: 21,
  upgrade: (node, { fresh, requires, typeOf }) => {
    requires(21);
    const channels = typeOf(node.input[0]!)?.shape[1];
    const groups = integerOf(node, "num_groups", 0);
    if (channels === undefined || channels < 0 || groups < 1)
      throw new VesaliusError("unsupported-operator", "GroupNormalization of an unknown number of channels", {
        where: node.name,
      });
    const inputs: Record<number, string> = {};
    const spread = [1, 2].flatMap((position) => {
      const given = node.input[position]!;
      if (elementCount(typeOf(given)?.shape ?? []) === channels && groups !== channels) return [];
      const [column, wide, vector] = [fresh("column"), fresh("wide"), fresh("channels")];
      inputs[position] = vector;
      const shape = (values: readonly number[]) => int64Vector(values.map(BigInt));
      const [s1, s2, s3] = [fresh("shape"), fresh("shape"), fresh("shape")];
      return [
        constantNode(s1, shape([groups, 1])),
        nodeOf("Reshape", [given, s1], [column]),
        constantNode(s2, shape([groups, channels / groups])),
        nodeOf("Expand", [column, s2], [wide]),
        constantNode(s3, shape([channels])),
        nodeOf("Reshape", [wide, s3], [vector]),
      ];
    });
    return [...spread, withInputs(node, inputs)];
  },
};

/** Before opset 20, the axis was an attribute, the first one after the batch where it was left out. */
const fourierTransform: UpgradeRule = {
  types: ["DFT"],
  until: 20,
  upgrade: (node, { fresh, requires }) => {
    requires(20);
    const axis: Tensor = { dtype: "int64", shape: [], data: BigInt64Array.of(attributeNamed(node, "axis")?.i ?? 1n) };
    const name = fresh("axis");
    return [constantNode(name, axis), withInputs(withAttributes(node, ["axis"]), { 2: name })];
  },
};

/** Operators whose older forms mean something else, or have another name. */
export const changedMeaning: readonly UpgradeRule[] = [
  softmax,
  batchNormalization,
  dropout,
  groupNormalization,
  fourierTransform,
  { types: ["Scatter"], until: Infinity, upgrade: (node) => [renamed(node, "ScatterElements")] },
  {
    types: ["Cast"],
    until: 6,
    // The element type was a word ("FLOAT").
    upgrade: (node) => {
      const word = new TextDecoder().decode(attributeNamed(node, "to")?.s) as keyof typeof TensorProto_DataType;
      const code = TensorProto_DataType[word];
      return code === undefined ? undefined : [withAttributes(node, [], { to: { kind: "int", value: code } })];
    },
  },
  {
    types: ["Scan"],
    until: 9,
    // It had a batch axis and lengths of sequences, which no operator has today.
    upgrade: (node) => {
      throw new VesaliusError("unsupported-operator", "Scan in its form of opset 8", {
        where: node.name,
        fix: "export the model with opset 11 or later",
      });
    },
  },
  {
    types: ["CastLike"],
    until: Infinity,
    // A Cast says the same where the type is known, and has a gradient.
    upgrade: (node, { typeOf }) => {
      const like = typeOf(node.input[1] ?? "");
      if (like === undefined) return undefined;
      const plain = changed(NodeProtoSchema, node, { opType: "Cast", input: node.input.slice(0, 1) });
      return [withAttributes(plain, ["saturate"], { to: { kind: "int", value: elementTypeCode(like.dtype) } })];
    },
  },
  // Of floats of 8 bits alone, which are not read; without it integers are written in a form that every engine takes.
  {
    types: ["QuantizeLinear"],
    until: Infinity,
    upgrade: (node) => [withAttributes(node, ["saturate"])],
  },
  { types: ["Gemm"], until: 7, upgrade: (node) => [withAttributes(node, ["broadcast"])] },
  { types: ["RNN", "GRU", "LSTM"], until: 7, upgrade: (node) => [withAttributes(node, ["output_sequence"])] },
  {
    types: ["Concat"],
    until: 4,
    upgrade: (node) => [withAttributes(node, [], { axis: { kind: "int", value: integerOf(node, "axis", 1) } })],
  },
];
