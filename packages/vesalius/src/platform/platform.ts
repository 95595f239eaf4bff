import type { Batches, BatchesOptions, FeedPlan, Split } from "../data/index.ts";
import type { Backend } from "../runtime/index.ts";

/**
 * What differs between Node and a browser, behind one interface. Library code imports it as `#platform`, which the
 * package resolves to the Node or the browser implementation.
 */
export interface Platform {
  /** The backend to use where none is named. */
  defaultBackend(): Promise<Backend>;
  /** Memory of the machine in bytes, where it is known. */
  readonly memory?: number;
  /** Batches of a split by a plan, prepared ahead on worker threads where there are any. */
  batches(split: Split, plan: FeedPlan, options?: BatchesOptions): Promise<Batches>;
  /**
   * Writes files into a folder, each atomically, the folder made where it is missing.
   *
   * @throws VesaliusError `output-not-writable` or `disk-full`; always in a browser, which has no folders to write to
   */
  writeFiles(folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void>;
}
