import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { VesaliusError } from "../../common/errors.ts";
import { type Tensor, tensorBytes } from "../../common/tensor.ts";
import type { Attribute } from "../value.ts";
import { elementTypeCode } from "./data-types.ts";
import {
  type AttributeProto,
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "./generated/onnx_pb.ts";
import { tensorOf, type TensorSource } from "./tensor-data.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes a tensor as ONNX stores it. */
export function tensorProto(name: string, tensor: Tensor): TensorProto {
  const dims = tensor.shape.map(BigInt);
  const dataType = elementTypeCode(tensor.dtype);
  if (Array.isArray(tensor.data))
    return create(TensorProtoSchema, { name, dims, dataType, stringData: tensor.data.map((s) => encoder.encode(s)) });
  return create(TensorProtoSchema, { name, dims, dataType, rawData: tensorBytes(tensor) });
}

/** Refuses a number that attributes cannot hold: they are of 32 bits, and beyond those only infinity itself has a form. */
function float32Of(value: number, name: string): number {
  if (!Number.isFinite(value) || Number.isFinite(Math.fround(value))) return value;
  throw new VesaliusError("bad-configuration", `the attribute ${name} is beyond the numbers of 32 bits`, {
    fix: "take a smaller number",
  });
}

/** Encodes an attribute; what stayed encoded when it was read gets its name back. */
export function attributeProto(name: string, attribute: Attribute): AttributeProto {
  switch (attribute.kind) {
    case "int":
      return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(attribute.value) });
    case "float":
      return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: float32Of(attribute.value, name) });
    case "string":
      return create(AttributeProtoSchema, { name, type: Kind.STRING, s: encoder.encode(attribute.value) });
    case "ints":
      return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: attribute.value.map(BigInt) });
    case "floats":
      return create(AttributeProtoSchema, {
        name,
        type: Kind.FLOATS,
        floats: attribute.value.map((value) => float32Of(value, name)),
      });
    case "strings":
      return create(AttributeProtoSchema, {
        name,
        type: Kind.STRINGS,
        strings: attribute.value.map((s) => encoder.encode(s)),
      });
    case "tensor":
      return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: tensorProto("", attribute.value) });
    default:
      return Object.assign(fromBinary(AttributeProtoSchema, attribute.value), { name });
  }
}

const encoded = (proto: AttributeProto): Attribute => ({
  kind: "encoded",
  value: toBinary(AttributeProtoSchema, proto),
});

function text(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Type of an attribute. Files of the first IR versions leave it out, and the field that is set tells.
 */
function kindOf(proto: AttributeProto): Kind {
  if (proto.type !== Kind.UNDEFINED) return proto.type;
  if (proto.t !== undefined) return Kind.TENSOR;
  if (proto.g !== undefined) return Kind.GRAPH;
  if (proto.floats.length > 0) return Kind.FLOATS;
  if (proto.ints.length > 0) return Kind.INTS;
  if (proto.strings.length > 0) return Kind.STRINGS;
  if (proto.s.length > 0) return Kind.STRING;
  return proto.f !== 0 ? Kind.FLOAT : Kind.INT;
}

/**
 * Decodes an attribute. Graphs, types and what a JavaScript number or string does not hold exactly stay encoded.
 *
 * @throws VesaliusError `bad-file` for a tensor that does not decode
 */
export async function attributeOf(proto: AttributeProto, source: TensorSource): Promise<Attribute> {
  switch (kindOf(proto)) {
    case Kind.INT: {
      const value = Number(proto.i);
      return Number.isSafeInteger(value) ? { kind: "int", value } : encoded(proto);
    }
    case Kind.FLOAT:
      return { kind: "float", value: proto.f };
    case Kind.STRING: {
      const value = text(proto.s);
      return value === undefined ? encoded(proto) : { kind: "string", value };
    }
    case Kind.INTS: {
      const value = proto.ints.map(Number);
      return value.every(Number.isSafeInteger) ? { kind: "ints", value } : encoded(proto);
    }
    case Kind.FLOATS:
      return { kind: "floats", value: proto.floats };
    case Kind.STRINGS: {
      const value = proto.strings.map(text);
      return value.every((entry) => entry !== undefined) ? { kind: "strings", value } : encoded(proto);
    }
    case Kind.TENSOR:
      if (proto.t === undefined)
        throw new VesaliusError("bad-file", `attribute "${proto.name}" has no tensor`, { where: source.where });
      return { kind: "tensor", value: await tensorOf(proto.t, source) };
    default:
      return encoded(proto);
  }
}
