import type { Backend } from "./backend.ts";

/** A backend whose sessions use a fixed number of threads wherever a caller names none. */
export function withThreads(backend: Backend, threads: number): Backend {
  return { ...backend, load: (model, options) => backend.load(model, { threads, ...options }) };
}
