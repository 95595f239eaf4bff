import { type Backend, checkThreads, nodeCpu, withThreads } from "vesalius/runtime";

/** The engine with the number of threads that a command was told. */
export async function engine(threads: number | undefined): Promise<Backend> {
  if (threads !== undefined) checkThreads(threads);
  const backend = await nodeCpu();
  return threads === undefined ? backend : withThreads(backend, threads);
}
