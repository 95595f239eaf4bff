/** The built pages of the example, for tests in headless Chromium. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Builds the pages into a new folder, which the caller removes. */
export async function buildPages(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vesalius-browser-"));
  await build({
    configFile: fileURLToPath(new URL("vite.config.ts", import.meta.url)),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  return folder;
}

/** Requests of a page that went elsewhere than to its own origin. */
export const requestsElsewhere = (requests: readonly string[], origin: string): string[] =>
  requests.filter((url) => !["data:", "blob:", `${origin}/`].some((start) => url.startsWith(start)));
