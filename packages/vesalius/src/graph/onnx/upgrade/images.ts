import type { Tensor } from "../../../common/tensor.ts";
import { NodeProtoSchema } from "../generated/onnx_pb.ts";
import { changed } from "../messages.ts";
import { attributeNamed, constantNode, type UpgradeRule, withAttributes, withInputs } from "./rule.ts";

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
        withAttributes(changed(NodeProtoSchema, node, { opType: "Resize" }), ["scales"], {
          mode: { kind: "string", value: linear ? "linear" : "nearest" },
          coordinate_transformation_mode: { kind: "string", value: "asymmetric" },
          nearest_mode: { kind: "string", value: "floor" },
        }),
        { 1: "", 2: name },
      ),
    ];
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

/** Operators that sample images, whose conventions of coordinates were named or chosen anew. */
export const images: readonly UpgradeRule[] = [
  resize,
  gridSample,
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
