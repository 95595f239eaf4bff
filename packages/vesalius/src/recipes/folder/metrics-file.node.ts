import { appendFile } from "node:fs/promises";
import { fileError, writeFileAtomic } from "../../common/files.node.ts";
import type { TrainingRecord } from "../../training/index.ts";

/** One line of `metrics.jsonl`. */
export type MetricsLine = TrainingRecord & { readonly stage: string };

const line = ({ stage, ...record }: MetricsLine): string => `${JSON.stringify({ stage, ...record })}\n`;

/**
 * The file in which a run's metrics arrive line by line. It is begun with what finished stages and the checkpoint of the
 * running one know, so that lines which an interrupted sitting wrote after its last checkpoint are not doubled.
 */
export class MetricsFile {
  readonly #path: string;
  /** Last step of each stage that the file was begun with. */
  readonly #known: ReadonlyMap<string, number>;
  #pending: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(path: string, known: readonly MetricsLine[]) {
    this.#path = path;
    this.#known = new Map(known.map(({ stage, step }) => [stage, step]));
  }

  /** @throws VesaliusError `output-not-writable` or `disk-full` */
  static async begin(path: string, known: readonly MetricsLine[]): Promise<MetricsFile> {
    await writeFileAtomic(path, known.map(line).join(""));
    return new MetricsFile(path, known);
  }

  /** Appends a line; a failure is thrown by the next `flush`. */
  append(record: MetricsLine): void {
    this.#pending = this.#pending
      .then(() => appendFile(this.#path, line(record)))
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
  }

  /** Appends what is not known yet of the history of a stage that another run has finished. */
  appendHistory(stage: string, history: readonly TrainingRecord[]): void {
    const known = this.#known.get(stage) ?? 0;
    for (const record of history) if (record.step > known) this.append({ stage, ...record });
  }

  /**
   * Waits until every line is written.
   *
   * @throws VesaliusError `disk-full` or `output-not-writable` where a line could not be written
   */
  async flush(): Promise<void> {
    await this.#pending;
    if (this.#failure !== undefined) throw fileError(this.#failure, this.#path);
  }
}
