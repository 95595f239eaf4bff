import type { Session } from "./backend.ts";

/**
 * Sessions (or programs) by the shapes that they were compiled for. Graphs have static shapes, so each shape needs a
 * session of its own; the least recently used one makes room when there are too many.
 */
export class SessionCache<Held extends Pick<Session, "release"> = Session> {
  readonly #limit: number;
  readonly #sessions = new Map<string, Promise<Held>>();

  /** @param limit sessions to keep, at least 1 */
  constructor(limit = 4) {
    this.#limit = limit;
  }

  /** The session of a key, loaded on first use. A load that fails is not remembered. */
  get(key: string, load: () => Promise<Held>): Promise<Held> {
    const known = this.#sessions.get(key);
    // Taken out and put back, so that the order of the map is the order of use.
    this.#sessions.delete(key);
    const session = known ?? load();
    this.#sessions.set(key, session);
    if (known === undefined) {
      session.catch(() => {
        if (this.#sessions.get(key) === session) this.#sessions.delete(key);
      });
      this.#makeRoom();
    }
    return session;
  }

  /** Frees every session. The cache can be used again afterwards. */
  async release(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }

  #makeRoom(): void {
    for (const [key, session] of this.#sessions) {
      if (this.#sessions.size <= this.#limit) return;
      this.#sessions.delete(key);
      // Nobody waits for this; a session that failed to load has nothing to free.
      session.then((loaded) => loaded.release()).catch(() => undefined);
    }
  }
}
