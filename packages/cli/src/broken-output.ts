/** Codes of an output whose reader went away. */
const closed = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]);

/** Passes errors of a stream on, whether it tells of them later or throws them, and lets writing go on. */
function tolerate(stream: NodeJS.WriteStream, onError: (code: string) => void): void {
  const failed = (error: unknown): void => onError((error as NodeJS.ErrnoException).code ?? String(error));
  stream.on("error", failed);
  const write = stream.write.bind(stream) as (...given: readonly unknown[]) => boolean;
  // A file that is full makes some versions of Node throw instead.
  stream.write = (...given: readonly unknown[]): boolean => {
    try {
      return write(...given);
    } catch (error) {
      failed(error);
      return false;
    }
  };
}

/**
 * Lets a command end as it would where its output cannot be written: what nobody reads (`| head`) is dropped in silence,
 * and a training whose progress cannot be shown any more, since the reader went away or the disk of a log is full, goes on.
 * A command whose result could not be written, though its reader did not go away, says so and ends with 1.
 */
export function tolerateBrokenOutput(): void {
  let lost: string | undefined;
  tolerate(process.stdout, (code) => {
    if (!closed.has(code)) lost ??= code;
  });
  tolerate(process.stderr, () => {});
  process.on("exit", () => {
    if (lost === undefined) return;
    process.stderr.write(`error: the result could not be written to standard output (${lost})\n`);
    process.exitCode ||= 1;
  });
}
