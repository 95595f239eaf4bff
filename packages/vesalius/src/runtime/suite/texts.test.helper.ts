import { generate, languageModel } from "../../generation/index.ts";
import { smallDecoder } from "../../generation/small-decoder.test.helper.ts";
import type { Backend } from "../backend.ts";

const prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 9, 10, 11]];
/** More than the 64 slots that a cache starts with, so that it grows on the way. */
const maximumNewTokens = 66;

/** What a small decoder writes with kept keys and values, greedily and by beam search, as lists of tokens. */
export async function writeTexts(backend: Backend): Promise<number[][]> {
  const { definition, weights } = smallDecoder({ contextLength: 128 });
  const model = await languageModel(definition, weights, { backend });
  try {
    const greedy = await generate(model, prompts, { maximumNewTokens });
    const beams = await generate(model, prompts, { maximumNewTokens, search: { method: "beam", beams: 3 } });
    return [...greedy.sequences, ...beams.sequences].flat().map(({ tokens }) => [...tokens]);
  } finally {
    await model.release();
  }
}
