import { z } from "zod";
import { parseJson } from "./parse-json.ts";

/** Typed arrays that plain data may hold, by the name that stands for them in JSON. */
const arrays = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
} as const;

type ArrayName = keyof typeof arrays;
const numberNames: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity };

/** Numbers that JSON knows no text for are written by name. */
const numberToJson = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

function toJson(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : { $number: String(value) };
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const name = value.constructor.name as ArrayName;
    if (!Object.hasOwn(arrays, name)) throw new TypeError(`a ${name} cannot be written as JSON`);
    return { $array: name, values: Array.from(value as Float64Array, numberToJson) };
  }
  if (Array.isArray(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

const typedArraySchema = z.strictObject({
  $array: z.enum(Object.keys(arrays) as [ArrayName, ...ArrayName[]]),
  values: z.array(z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])])),
});
const numberSchema = z.strictObject({ $number: z.enum(["NaN", "Infinity", "-Infinity"]) });

function fromJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(fromJson);
  const array = typedArraySchema.safeParse(value);
  if (array.success) {
    const { $array: name, values } = array.data;
    return arrays[name].from(values.map((item) => (typeof item === "number" ? item : numberNames[item]!)));
  }
  const number = numberSchema.safeParse(value);
  if (number.success) return numberNames[number.data.$number];
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
}

/**
 * Writes plain data that may hold typed arrays and numbers that are not finite, which JSON itself knows no text for.
 *
 * @throws TypeError for arrays of other kinds
 */
export const formatPlain = (value: unknown): string => JSON.stringify(toJson(value));

/** Reads what {@link formatPlain} wrote. */
export const parsePlain = (text: string): unknown => fromJson(parseJson(text));
