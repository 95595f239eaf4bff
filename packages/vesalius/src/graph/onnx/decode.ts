import { fromBinary } from "@bufbuild/protobuf";
import { VesaliusError } from "../../common/errors.ts";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { supportedOpsets } from "./versions.ts";
import { type ModelProto, ModelProtoSchema, type TensorProto, TensorProtoSchema } from "./generated/onnx_pb.ts";

/**
 * Decodes a protobuf message without copying its raw data.
 *
 * @throws VesaliusError `bad-file` when the bytes are no such message
 */
export function decodeMessage<Schema extends DescMessage>(
  schema: Schema,
  bytes: Uint8Array,
  where: string,
): MessageShape<Schema> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new VesaliusError("bad-file", `the bytes are no ${schema.name}: ${(error as Error).message}`, {
      where,
      fix: "the file is damaged or is no ONNX file; get it again",
      cause: error,
    });
  }
}

/** A decoded model with the versions of the operator domains that it uses. */
export interface DecodedModel {
  readonly model: ModelProto;
  readonly opsets: ReadonlyMap<string, number>;
}

/** ONNX's own domain has two spellings. */
export const domainOf = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

/** Versions by operator domain. */
export function opsetsOf(
  imports: readonly { readonly domain: string; readonly version: bigint }[],
): Map<string, number> {
  return new Map(imports.map(({ domain, version }) => [domainOf(domain), Number(version)]));
}

/**
 * Decodes the bytes of a `.onnx` file.
 *
 * @throws VesaliusError `bad-file` when they are no model, when it has no graph, or when its operators are of a version
 * that is not supported
 */
export function decodeModel(bytes: Uint8Array, where: string): DecodedModel {
  const model = decodeMessage(ModelProtoSchema, bytes, where);
  if (model.graph === undefined || model.opsetImport.length === 0)
    throw new VesaliusError("bad-file", "the file holds no graph or names no operator set", {
      where,
      fix: "check that it is an ONNX model",
    });
  const opsets = opsetsOf(model.opsetImport);
  const version = opsets.get("") ?? supportedOpsets.newest;
  if (version < supportedOpsets.oldest || version > supportedOpsets.newest)
    throw new VesaliusError(
      "bad-file",
      `the model uses opset ${version}, supported are ${supportedOpsets.oldest} to ${supportedOpsets.newest}`,
      { where, fix: "export the model again with an opset in that range, for example 18" },
    );
  return { model, opsets };
}

/** Decodes a tensor in a file of its own, as ONNX's test cases have them (`input_0.pb`). */
export const decodeTensorMessage = (bytes: Uint8Array, where: string): TensorProto =>
  decodeMessage(TensorProtoSchema, bytes, where);
