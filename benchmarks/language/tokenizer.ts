import { Tokenizer as NativeTokenizer } from "tokenizers";
import { trainTokenizer } from "vesalius/data";
import { compared, median, plain } from "../measuring/figures.ts";
import type { Measure } from "../result.ts";
import { drawnTexts } from "./drawn-texts.ts";
import type { LanguageRow } from "./row.ts";

const kinds = ["wordPiece", "byteLevelBpe"] as const;
const shown = { wordPiece: "WordPiece", byteLevelBpe: "byte-level BPE" } as const;

/** Tokens a second of `run` in each of several rounds. */
async function rates(rounds: number, run: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const tokens = await run();
    found.push((tokens / (performance.now() - began)) * 1000);
  }
  return found;
}

/** Tokenizers beside the native ones of Hugging Face. */
export const tokenizerRow: LanguageRow = {
  method:
    "Tokenizers: texts of 200 drawn words encoded one after the other by a vocabulary of 8,000 that was learned from others, by " +
    "this library and by the package tokenizers (Rust, called for each text and for all at once), in turns; both give the same ids.",
  async measure(quick) {
    const [count, rounds] = quick ? [40, 1] : [2000, 7];
    const learned = drawnTexts(quick ? 200 : 2000, 200, 1);
    const texts = drawnTexts(count, 200, 1).map((text, i) => `${i} ${text}`);
    const measures: Measure[] = [];
    for (const kind of kinds) {
      const tokenizer = await trainTokenizer({ name: kind, vocabularySize: quick ? 1000 : 8000 }, learned);
      const native = NativeTokenizer.fromString(JSON.stringify(tokenizer.toJson().tokenizer));
      for (const text of texts.slice(0, 20)) {
        const other = await native.encode(text, undefined, { addSpecialTokens: false });
        const own = Array.from(tokenizer.encode(text).ids);
        if (JSON.stringify(own) !== JSON.stringify(other.getIds()))
          throw new Error(`the ${shown[kind]} tokenizers do not agree`);
      }
      const own: number[] = [];
      const single: number[] = [];
      const batch: number[] = [];
      for (let round = 0; round < rounds; round++) {
        own.push(
          ...(await rates(1, () =>
            Promise.resolve(texts.reduce((sum, text) => sum + tokenizer.encode(text).ids.length, 0)),
          )),
        );
        single.push(
          ...(await rates(1, async () => {
            let tokens = 0;
            for (const text of texts)
              tokens += (await native.encode(text, undefined, { addSpecialTokens: false })).getLength();
            return tokens;
          })),
        );
        batch.push(
          ...(await rates(1, async () => {
            const encoded = await native.encodeBatch(texts, { addSpecialTokens: false });
            return encoded.reduce((sum, one) => sum + one.getLength(), 0);
          })),
        );
      }
      const nativeMeasure = plain(`${shown[kind]}: tokens, tokenizers (native)`, median(single), "tokens/s");
      measures.push(
        nativeMeasure,
        compared(`${shown[kind]}: tokens, tokenizers (native), all at once`, median(batch), "tokens/s", nativeMeasure),
        compared(`${shown[kind]}: tokens`, median(own), "tokens/s", nativeMeasure),
      );
    }
    return measures;
  },
};
