import { VesaliusError } from "../../common/errors.ts";
import { runtimeExtent, unknownShape } from "../dynamic-shapes.ts";
import { formatShape } from "../shapes.ts";
import type { TensorType } from "../../common/tensor.ts";
import { type BindingHelp, openError } from "./open-dimensions.ts";
import { dataTypeOfCode } from "./data-types.ts";
import type { TensorShapeProto_Dimension as Dimension, TypeProto, ValueInfoProto } from "./generated/onnx_pb.ts";

/** How the extents that a file leaves open are fixed when it is read. */
export interface DimensionBindings {
  /**
   * Extents by the names that the file gives them, `{ batch: 1, sequence: 128 }`. A dimension without a name is called
   * after its input and axis: `{ "images[0]": 1 }`.
   */
  readonly dimensions?: Readonly<Record<string, number>>;
  /** Extent of every open dimension that `dimensions` does not name. Without it, an open dimension is an error. */
  readonly defaultDimension?: number;
  /** Whole shapes of inputs, which bind the names in them as well. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** How a message says what binds a dimension or a shape; by default as these options. */
  readonly bindingHelp?: BindingHelp;
}

/** A type as a file declares it: extents may be open, and sequences, maps and optionals are no tensors. */
export type DeclaredType = (TensorType & { readonly isTensor: true }) | { readonly isTensor: false };

function checkExtent(extent: number, name: string): number {
  if (!Number.isSafeInteger(extent) || extent < 0)
    throw new VesaliusError("bad-argument", `an extent must be a whole number of at least 0, got ${extent}`, {
      where: name,
    });
  return extent;
}

/** The extents that open dimensions were given, and the types of values under them. */
export class BoundDimensions {
  readonly #extents: Map<string, number>;
  readonly #options: DimensionBindings;
  readonly #where: string;

  constructor(options: DimensionBindings, where: string) {
    this.#options = options;
    this.#where = where;
    this.#extents = new Map(Object.entries(options.dimensions ?? {}));
    for (const [name, extent] of this.#extents) checkExtent(extent, name);
    if (options.defaultDimension !== undefined) checkExtent(options.defaultDimension, "defaultDimension");
  }

  /**
   * Types of the inputs of a model.
   *
   * @throws VesaliusError `bad-argument` listing the dimensions that are still open, or naming a binding that the model
   * has no use for; `unsupported-operator` for inputs that are no tensors
   */
  inputTypes(inputs: readonly ValueInfoProto[]): Map<string, TensorType> {
    this.#refuseUnknownInputs(inputs.map(({ name }) => name));
    const declared = inputs.map((info) => ({ info, dims: this.#dimensionsOf(info) }));
    for (const { info, dims } of declared) this.#bindShape(info.name, dims);
    const names = declared.flatMap(({ info, dims }) => dims?.map((dim, axis) => openName(dim, info.name, axis)) ?? []);
    const unknown = Object.keys(this.#options.dimensions ?? {}).filter((name) => !names.includes(name));
    if (unknown.length > 0)
      throw new VesaliusError("bad-argument", `the model has no open dimension ${unknown.join(", ")}`, {
        where: this.#where,
        fix: `it has: ${[...new Set(names.filter((name) => name !== undefined))].join(", ") || "none"}`,
      });
    const open = new Set<string>();
    const unshaped: string[] = [];
    const types = declared.map(({ info, dims }): [string, TensorType] => {
      const given = this.#options.inputShapes?.[info.name];
      if (dims === undefined && given === undefined) unshaped.push(info.name);
      const shape = (dims ?? []).map((dim, axis) => {
        const extent = this.#extentOf(dim, openName(dim, info.name, axis));
        if (extent === undefined) open.add(openName(dim, info.name, axis)!);
        return extent ?? runtimeExtent;
      });
      const { dtype } = this.typeOf(info.type) as TensorType;
      return [info.name, { dtype, shape: dims === undefined ? (given ?? []) : shape }];
    });
    if (open.size + unshaped.length > 0)
      throw openError({ dimensions: [...open], inputs: unshaped }, this.#where, this.#options.bindingHelp);
    return new Map(types);
  }

  #refuseUnknownInputs(names: readonly string[]): void {
    const unknown = Object.keys(this.#options.inputShapes ?? {}).filter((name) => !names.includes(name));
    if (unknown.length > 0)
      throw new VesaliusError("bad-argument", `the model has no input ${unknown.join(", ")} that a shape is given of`, {
        where: this.#where,
        fix: `it has: ${names.join(", ") || "none"}`,
      });
  }

  /** A declared type under the bindings; undefined where the file says nothing of use. */
  typeOf(type: TypeProto | undefined): DeclaredType | undefined {
    if (type === undefined || type.value.case === undefined) return undefined;
    if (type.value.case !== "tensorType") return { isTensor: false };
    const { elemType, shape } = type.value.value;
    try {
      const dtype = dataTypeOfCode(elemType);
      const extents = shape?.dim.map((dim) => this.#extentOf(dim, openName(dim, "", 0)) ?? runtimeExtent);
      return { isTensor: true, dtype, shape: extents ?? unknownShape };
    } catch (error) {
      if (error instanceof VesaliusError) return undefined;
      throw error;
    }
  }

  #dimensionsOf(info: ValueInfoProto): readonly Dimension[] | undefined {
    const type = info.type?.value;
    if (type?.case !== "tensorType")
      throw new VesaliusError("unsupported-operator", "only tensors can be fed to a model", {
        where: `${this.#where}, input ${info.name}, a ${type?.case?.replace("Type", "") ?? "value without a type"}`,
        fix: "export the model with an input of its own for each tensor, with its element type",
      });
    dataTypeOfCode(type.value.elemType, `${this.#where}, input ${info.name}`);
    return type.value.shape?.dim;
  }

  #bindShape(input: string, dims: readonly Dimension[] | undefined): void {
    const given = this.#options.inputShapes?.[input];
    if (given === undefined) return;
    for (const extent of given) checkExtent(extent, input);
    const mismatch = (): VesaliusError =>
      new VesaliusError("shape-mismatch", `the shape ${formatShape(given)} does not fit this input of the model`, {
        where: input,
      });
    if (dims === undefined) return;
    if (dims.length !== given.length) throw mismatch();
    dims.forEach((dim, axis) => {
      const name = openName(dim, input, axis);
      const known = this.#extentOf(dim, name, false);
      if (known !== undefined && known !== given[axis]) throw mismatch();
      if (name !== undefined) this.#extents.set(name, given[axis]!);
    });
  }

  #extentOf(dim: Dimension, name: string | undefined, useDefault = true): number | undefined {
    if (name === undefined) return Number(dim.value.value);
    return this.#extents.get(name) ?? (useDefault ? this.#options.defaultDimension : undefined);
  }
}

/** Name of an open dimension; undefined for one that the file fixes. */
function openName(dim: Dimension, input: string, axis: number): string | undefined {
  if (dim.value.case === "dimValue") {
    // Some exporters write an open dimension as -1 or 0 rather than leaving it out; 0 is a legal extent.
    return dim.value.value >= 0n && dim.value.value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? undefined
      : `${input}[${axis}]`;
  }
  return dim.value.case === "dimParam" && dim.value.value !== "" ? dim.value.value : `${input}[${axis}]`;
}
