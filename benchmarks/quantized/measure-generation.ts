import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadBackbone } from "vesalius";
import { generate, languageModel } from "vesalius/generation";
import { type GgufEntry, ggufHeader, type GgufPlan } from "vesalius/models/checkpoints";
import { answer, askedFor } from "../measuring/child.ts";
import { peakMemory } from "../measuring/figures.ts";
import { generationAnswerSchema, generationQuestionSchema } from "./messages.ts";
import { openLlamaCpp } from "./llama-cpp.ts";

const { shape, promptTokens, newTokens, rounds } = askedFor(generationQuestionSchema);

/** LLaMA 3.2 1B (Meta 2024), and the smallest that exercises everything. */
const { width, depth, heads, keyValueHeads, hidden, vocabulary } = {
  llama1b: { width: 2048, depth: 16, heads: 32, keyValueHeads: 8, hidden: 8192, vocabulary: 128_256 },
  smallest: { width: 64, depth: 1, heads: 2, keyValueHeads: 1, hidden: 128, vocabulary: 300 },
}[shape];

const metadata: Readonly<Record<string, GgufEntry>> = {
  "general.architecture": "llama",
  "llama.context_length": 2048,
  "llama.embedding_length": width,
  "llama.block_count": depth,
  "llama.feed_forward_length": hidden,
  "llama.attention.head_count": heads,
  "llama.attention.head_count_kv": keyValueHeads,
  "llama.rope.dimension_count": width / heads,
  "llama.rope.freq_base": { float: 500_000 },
  "llama.attention.layer_norm_rms_epsilon": { float: 1e-5 },
  "llama.vocab_size": vocabulary,
  "tokenizer.ggml.model": "gpt2",
  "tokenizer.ggml.pre": "gpt-2",
  "tokenizer.ggml.tokens": Array.from({ length: vocabulary }, (_, i) => `t${i}`),
  "tokenizer.ggml.token_type": Array.from({ length: vocabulary }, () => 1),
  "tokenizer.ggml.merges": ["t 0"],
  "tokenizer.ggml.eos_token_id": 0,
};

const keyWidth = (width / heads) * keyValueHeads;
const matrix = (name: string, ...extents: readonly number[]): GgufPlan => ({ name, shape: extents, format: "Q4_0" });
const scale = (name: string): GgufPlan => ({ name, shape: [width], format: "F32" });
const plans: readonly GgufPlan[] = [
  matrix("token_embd.weight", vocabulary, width),
  ...Array.from({ length: depth }, (_, i) => `blk.${i}`).flatMap((block) => [
    scale(`${block}.attn_norm.weight`),
    matrix(`${block}.attn_q.weight`, width, width),
    matrix(`${block}.attn_k.weight`, keyWidth, width),
    matrix(`${block}.attn_v.weight`, keyWidth, width),
    matrix(`${block}.attn_output.weight`, width, width),
    scale(`${block}.ffn_norm.weight`),
    matrix(`${block}.ffn_gate.weight`, hidden, width),
    matrix(`${block}.ffn_up.weight`, hidden, width),
    matrix(`${block}.ffn_down.weight`, width, hidden),
  ]),
  scale("output_norm.weight"),
];

/** Blocks of Q4_0 with drawn codes and the scale 0.01, as many as fit. */
function drawnBlocks(bytes: number, seed: number): Uint8Array {
  const result = new Uint8Array(bytes);
  let state = seed;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    result[at] = at % 18 === 0 ? 0x1f : at % 18 === 1 ? 0x21 : state >>> 24;
  }
  return result;
}

const folder = mkdtempSync(join(tmpdir(), "vesalius-bench-"));
try {
  const path = join(folder, "model.gguf");
  const { header, offsets } = ggufHeader(metadata, plans);
  const file = openSync(path, "w");
  writeSync(file, header, 0, header.byteLength, 0);
  const pool = drawnBlocks(18 * 2 ** 19, 1);
  plans.forEach(({ shape: extents, format }, i) => {
    const count = extents.reduce((product, n) => product * n, 1);
    const bytes = format === "F32" ? new Uint8Array(new Float32Array(count).fill(1).buffer) : undefined;
    const total = bytes?.byteLength ?? (count / 32) * 18;
    for (let at = 0; at < total; at += pool.byteLength)
      writeSync(file, bytes ?? pool, 0, Math.min(total - at, (bytes ?? pool).byteLength), offsets[i]! + at);
  });
  closeSync(file);

  const prompt = Array.from({ length: promptTokens }, (_, i) => (7919 * i + 11) % vocabulary);
  const began = performance.now();
  const { network, weights } = await loadBackbone(path);
  const model = await languageModel(network.decoder!(), weights, {
    fourBits: true,
    mayBeLeft: (name) => name === "score.weight",
  });
  const loading = (performance.now() - began) / 1000;
  /** Seconds for each of the new tokens but the first, which waits for the prompt. */
  const own = async (): Promise<number> => {
    const texts = await model.begin([prompt], 1);
    let start = 0;
    for (let i = 0; i <= newTokens; i++) {
      if (i === 1) start = performance.now();
      await texts.append([(31 * i + 5) % vocabulary]);
    }
    texts.release();
    return (performance.now() - start) / 1000 / newTokens;
  };
  await generate(model, [prompt], { maximumNewTokens: 2 });
  const memory = peakMemory();
  const other = await openLlamaCpp(path, prompt);
  const seconds: { own: number[]; llamaCpp: number[] } = { own: [], llamaCpp: [] };
  for (let round = 0; round < rounds; round++) {
    seconds.own.push(await own());
    if (other !== undefined) seconds.llamaCpp.push(await other.secondsPerToken(newTokens));
  }
  answer(generationAnswerSchema, { loading, ...seconds, peakMemory: memory });
  await model.release();
  await other?.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
