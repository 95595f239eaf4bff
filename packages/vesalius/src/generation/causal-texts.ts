import { decodeGraph } from "./decode-graph.ts";
import { DecodingState } from "./decoding-state.ts";
import type { CausalDecoder } from "../models/index.ts";
import { rearrange, slotsFor } from "./key-value-cache.ts";
import { prefill, type Ready } from "./prefill.ts";
import { promptOfText, type Texts } from "./texts.ts";

/** Reads prompts once each, and opens texts that go on from the keys and values. */
export async function beginCausal(
  ready: Ready<CausalDecoder>,
  prompts: readonly (readonly number[])[],
  copies: number,
): Promise<Texts> {
  const { definition } = ready;
  const { logits, caches } = await prefill(ready, prompts, true);
  const owners = promptOfText(prompts.length, copies);
  const lengths = Int32Array.from(owners, (prompt) => prompts[prompt]!.length);
  const used = Math.max(...lengths);
  const rows = owners.length;
  return new DecodingState({
    ready,
    key: (slots) => `decode ${rows} ${slots}`,
    build: (slots) => decodeGraph(definition, rows, slots),
    caches: rearrange(caches, owners, slotsFor(used + 1, definition.contextLength), used),
    lengths,
    logits: Array.from(owners, (prompt) => logits[prompt]!),
  });
}
