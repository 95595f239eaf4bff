import { int, string } from "../attributes.ts";
import { emit } from "../emit.ts";
import { elementTypeCode } from "../onnx/data-types.ts";
import type { DataType } from "../../common/tensor.ts";
import type { Value } from "../value.ts";

/** Converts the element type. A cast to the same type adds no node. */
export const cast = (x: Value, dtype: DataType): Value =>
  x.dtype === dtype ? x : emit("Cast", [x], { to: int(elementTypeCode(dtype)) });

/**
 * Takes slices along an axis by index: the axis is replaced by the shape of `indices`. Also an embedding lookup
 * (`axis` 0 of a table `[vocabulary, width]`).
 */
export const gather = (x: Value, indices: Value, axis = 0): Value => emit("Gather", [x, indices], { axis: int(axis) });

/** `y[i][j] = x[index[i][j]][j]` for axis 0, and so on: one index for each element. */
export const gatherElements = (x: Value, indices: Value, axis: number): Value =>
  emit("GatherElements", [x, indices], { axis: int(axis) });

/** Copy of `x` with `updates` added at `indices` along an axis; repeated indices accumulate. */
export const scatterElementsAdd = (x: Value, indices: Value, updates: Value, axis: number): Value =>
  emit("ScatterElements", [x, indices, updates], { axis: int(axis), reduction: string("add") });

/** Copy of `x` with whole slices `updates` in place of those at the positions that the last axis of `indices` names. */
export const scatterND = (x: Value, indices: Value, updates: Value): Value => emit("ScatterND", [x, indices, updates]);

/** Copy of `x` with whole slices `updates` added at the positions that the last axis of `indices` names. */
export const scatterNDAdd = (x: Value, indices: Value, updates: Value): Value =>
  emit("ScatterND", [x, indices, updates], { reduction: string("add") });
