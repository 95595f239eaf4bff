import { createHash } from "node:crypto";
import type { Digest } from "./digest.ts";

/** Starts a hash on Node's own implementation; the same bits as the one for browsers. */
export function createDigest(): Digest {
  const hash = createHash("sha256");
  const digest: Digest = {
    update(data) {
      hash.update(data);
      return digest;
    },
    hex: () => hash.digest("hex"),
  };
  return digest;
}
