import type { InputType } from "../../feeds.ts";
import type { PreparedTokens } from "./read-tokens.ts";
import type { TokensSettings } from "./settings.ts";
import { featureCount } from "./word-features.ts";

/** Arrays of a batch by input. */
export type TokenArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/** What of tokens a graph reads; a transform or an objective may have changed them. */
export type ShownTokens = Pick<PreparedTokens, "ids" | "segments" | "features" | "table">;

/** Inputs of tokens: `tokens`, `mask`, with a pair `segments`, with features of words `features`. */
export function tokenInputs(
  { pair, features }: Pick<TokensSettings, "pair" | "features">,
  rows: number,
  length: number,
): Record<string, InputType> {
  return {
    tokens: { dtype: "int32", shape: [rows, length] },
    mask: { dtype: "float32", shape: [rows, length] },
    ...(pair ? { segments: { dtype: "int32", shape: [rows, length] } as const } : {}),
    ...(features === undefined
      ? {}
      : { features: { dtype: "int32", shape: [rows, length, featureCount(features)] } as const }),
  };
}

/** Writes one row of a batch, padded at the end. */
export function writeTokens(shown: ShownTokens, into: TokenArrays, row: number, length: number): void {
  const { ids, segments, features, table } = shown;
  const at = row * length;
  into["tokens"]!.set(ids, at);
  into["tokens"]!.fill(table.padding, at + ids.length, at + length);
  into["mask"]!.fill(1, at, at + ids.length);
  into["segments"]?.set(segments, at);
  into["features"]?.set(features, at * table.features);
}
