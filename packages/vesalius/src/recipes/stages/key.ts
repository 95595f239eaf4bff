import { createDigest } from "#common/digest";
import { canonicalJson } from "../../common/canonical-json.ts";

/**
 * Identifies a computation by everything that decides what comes out of it, so that it is found again by content.
 *
 * @param decides plain data
 * @returns 32 hexadecimal digits
 */
export const contentKey = (decides: unknown): string =>
  createDigest().update(canonicalJson(decides)).hex().slice(0, 32);
