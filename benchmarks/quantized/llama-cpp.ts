/** What of node-llama-cpp is used; the package is measured where it is installed, and nothing here depends on it. */
interface LlamaCpp {
  readonly LlamaLogLevel: { readonly error: unknown };
  getLlama(options: object): Promise<{
    loadModel(options: object): Promise<{
      createContext(options: object): Promise<{
        getSequence(): {
          evaluate(tokens: readonly number[], options: object): AsyncGenerator<number>;
          dispose(): void;
        };
        dispose(): Promise<void>;
      }>;
      dispose(): Promise<void>;
    }>;
    dispose(): Promise<void>;
  }>;
}

/** A model in llama.cpp that goes on with a prompt. */
export interface OpenLlamaCpp {
  /** Seconds for each of some new tokens, after the first, which waits for the prompt. */
  secondsPerToken(count: number): Promise<number>;
  close(): Promise<void>;
}

/** Opens a GGUF file in node-llama-cpp, on the processor with as many threads as ours; undefined where it is not installed. */
export async function openLlamaCpp(path: string, prompt: readonly number[]): Promise<OpenLlamaCpp | undefined> {
  const name = "node-llama-cpp";
  const loaded = (await import(name).catch(() => undefined)) as LlamaCpp | undefined;
  if (loaded === undefined) return undefined;
  const llama = await loaded.getLlama({ gpu: false, build: "never", logLevel: loaded.LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath: path, ignoreMemorySafetyChecks: true });
  const threads = Number(process.env["VESALIUS_THREADS"] ?? 2);
  const context = await model.createContext({ contextSize: 512, threads, sequences: 1 });
  return {
    async secondsPerToken(count) {
      const sequence = context.getSequence();
      const written: number[] = [];
      let start = 0;
      for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        if (written.length === 0) start = performance.now();
        if (written.push(token) > count) break;
      }
      const seconds = (performance.now() - start) / 1000 / count;
      sequence.dispose();
      return seconds;
    },
    async close() {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}
