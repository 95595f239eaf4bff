function unlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/**
 * Lets a command end as it would where its reader goes away first (`| head`): what nobody reads is dropped in silence,
 * and a training whose progress nobody reads any more goes on.
 */
export function tolerateClosedPipes(): void {
  process.stdout.on("error", unlessClosed);
  process.stderr.on("error", unlessClosed);
}
