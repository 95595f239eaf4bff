import { VesaliusError } from "../../../common/errors.ts";
import { elementCount, type Tensor } from "../../tensor.ts";
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

/** Upsample, and Resize as it first was: positions are scaled without an offset and rounded down. */
const resize: UpgradeRule = {
  types: ["Upsample", "Resize"],
  until: 11,
  upgrade: (node, { fresh }) => {
    const given = attributeNamed(node, "scales")?.floats;
    const name = given === undefined ? node.input[1]! : fresh("scales");
    const scales: Tensor[] =
      given === undefined ? [] : [{ dtype: "float32", shape: [given.length], data: Float32Array.from(given) }];
    const mode = attributeNamed(node, "mode");
    const linear = mode !== undefined && new TextDecoder().decode(mode.s) !== "nearest";
    return [
      ...scales.map((tensor) => constantNode(name, tensor)),
      withInputs(
        withAttributes(renamed(node, "Resize"), ["scales"], {
          mode: { kind: "string", value: linear ? "linear" : "nearest" },
          coordinate_transformation_mode: { kind: "string", value: "asymmetric" },
          nearest_mode: { kind: "string", value: "floor" },
        }),
        { 1: "", 2: name },
      ),
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

/** Before opset 20, the modes were named as for images: bilinear and bicubic. */
const gridSample: UpgradeRule = {
  types: ["GridSample"],
  until: 20,
  upgrade: (node, { requires }) => {
    requires(20);
    const mode = new TextDecoder().decode(attributeNamed(node, "mode")?.s);
    const value = mode === "bicubic" ? "cubic" : mode === "bilinear" || mode === "" ? "linear" : mode;
    return [withAttributes(node, [], { mode: { kind: "string", value } })];
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

/** Before opset 7, the second operand was aligned at `axis` of the first rather than at the last axis. */
const broadcast: UpgradeRule = {
  types: ["Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less"],
  until: 7,
  upgrade: (node, { fresh, typeOf }) => {
    const plain = withAttributes(node, ["axis", "broadcast", "consumed_inputs"]);
    const axis = attributeNamed(node, "axis");
    if (integerOf(node, "broadcast", 0) === 0 || axis === undefined) return [plain];
    const ranks = [0, 1].map((i) => typeOf(node.input[i]!)?.shape.length);
    if (ranks[0] === undefined || ranks[1] === undefined)
      throw new VesaliusError("unsupported-operator", `${node.opType} aligned at an axis of an unknown shape`, {
        where: node.name,
        fix: "export the model with opset 7 or later",
      });
    const start = Number(axis.i) < 0 ? Number(axis.i) + ranks[0] : Number(axis.i);
    const missing = ranks[0] - start - ranks[1];
    if (missing <= 0) return [plain];
    const [axes, aligned] = [fresh("axes"), fresh("aligned")];
    const places = Array.from({ length: missing }, (_, i) => BigInt(ranks[1]! + i));
    return [
      constantNode(axes, int64Vector(places)),
      nodeOf("Unsqueeze", [node.input[1]!, axes], [aligned]),
      withInputs(plain, { 1: aligned }),
    ];
  },
};

/** Before opset 7, a slope for each channel was aligned at the second axis. */
const prelu: UpgradeRule = {
  types: ["PRelu"],
  until: 7,
  upgrade: (node, { fresh, typeOf }) => {
    const [x, slope] = [typeOf(node.input[0]!), typeOf(node.input[1]!)];
    const plain = withAttributes(node, ["consumed_inputs"]);
    if (x === undefined || slope === undefined || slope.shape.length !== 1 || x.shape.length <= 2) return [plain];
    if (slope.shape[0] === 1) return [plain];
    const [axes, aligned] = [fresh("axes"), fresh("aligned")];
    const places = Array.from({ length: x.shape.length - 2 }, (_, i) => BigInt(i + 1));
    return [
      constantNode(axes, int64Vector(places)),
      nodeOf("Unsqueeze", [node.input[1]!, axes], [aligned]),
      withInputs(plain, { 1: aligned }),
    ];
  },
};

/** Operators whose older forms mean something else, or have another name. */
export const changedMeaning: readonly UpgradeRule[] = [
  softmax,
  resize,
  batchNormalization,
  dropout,
  groupNormalization,
  gridSample,
  fourierTransform,
  broadcast,
  prelu,
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
  { types: ["Gemm"], until: 7, upgrade: (node) => [withAttributes(node, ["broadcast"])] },
  { types: ["RNN", "GRU", "LSTM"], until: 7, upgrade: (node) => [withAttributes(node, ["output_sequence"])] },
  {
    types: ["Concat"],
    until: 4,
    upgrade: (node) => [withAttributes(node, [], { axis: { kind: "int", value: integerOf(node, "axis", 1) } })],
  },
  {
    types: ["RoiAlign"],
    until: 16,
    upgrade: (node) => [
      withAttributes(node, [], {
        coordinate_transformation_mode: { kind: "string", value: "output_half_pixel" },
      }),
    ],
  },
];
