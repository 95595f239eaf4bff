import type { Attribute, Attributes } from "./value.ts";

/** Integer attribute. */
export const int = (value: number): Attribute => ({ kind: "int", value });
/** Float attribute. */
export const float = (value: number): Attribute => ({ kind: "float", value });
/** List of integers attribute. */
export const ints = (value: readonly number[]): Attribute => ({ kind: "ints", value });
/** String attribute. */
export const string = (value: string): Attribute => ({ kind: "string", value });

/** The attributes but some. */
export const withoutAttributes = (attributes: Attributes, ...names: readonly string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
