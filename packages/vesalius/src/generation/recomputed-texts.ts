import type { CausalDecoder } from "../models/index.ts";
import { prefill, type Ready } from "./prefill.ts";
import { type LogitRows, promptOfText, type Texts } from "./texts.ts";

/** Opens texts of which nothing is kept but the tokens: each new token reads all of them again. */
export async function beginRecomputed(
  ready: Ready<CausalDecoder>,
  prompts: readonly (readonly number[])[],
  copies: number,
): Promise<Texts> {
  let texts = Array.from(promptOfText(prompts.length, copies), (prompt) => prompts[prompt]!);
  const read = async (): Promise<LogitRows> => (await prefill(ready, texts, false)).logits;
  let logits = await read();
  return {
    get logits() {
      return logits;
    },
    async append(tokens, parents) {
      texts = texts.map((text, row) => [...(parents === undefined ? text : texts[parents[row]!]!), tokens[row]!]);
      logits = await read();
    },
    release: () => undefined,
  };
}
