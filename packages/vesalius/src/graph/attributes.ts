import type { Attribute } from "./value.ts";

/** Integer attribute. */
export const int = (value: number): Attribute => ({ kind: "int", value });
/** Float attribute. */
export const float = (value: number): Attribute => ({ kind: "float", value });
/** List of integers attribute. */
export const ints = (value: readonly number[]): Attribute => ({ kind: "ints", value });
/** String attribute. */
export const string = (value: string): Attribute => ({ kind: "string", value });
