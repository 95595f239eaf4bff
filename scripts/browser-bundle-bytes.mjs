#!/usr/bin/env node
/**
 * Prints what a visitor of examples/browser downloads, as JSON: bytes of each file of a production build and of their
 * gzip, and the total of each way to compute.
 *
 *     npm run build && node scripts/browser-bundle-bytes.mjs
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "vesalius-bundle-"));
try {
  await build({
    configFile: join(repository, "examples/browser/vite.config.ts"),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:js|mjs|wasm|css|html)$/.test(name))
    .map((name) => {
      const content = readFileSync(join(folder, name));
      // Without the bundler's hash, so that runs can be compared.
      const plain = name.replace(/^assets\//, "").replace(/-[\w-]{8}(?=\.\w+$)/, "");
      return { file: plain, bytes: content.length, gzip: gzipSync(content).length };
    });
  /** @type {(keep: (file: string) => boolean) => { bytes: number, gzip: number }} */
  const total = (keep) =>
    files
      .filter(({ file }) => keep(file))
      .reduce((sum, { bytes, gzip }) => ({ bytes: sum.bytes + bytes, gzip: sum.gzip + gzip }), { bytes: 0, gzip: 0 });
  const isGpu = (/** @type {string} */ file) => /asyncify|webgpu/.test(file);
  const isProcessor = (/** @type {string} */ file) =>
    !isGpu(file) && (/ort-wasm/.test(file) || file.startsWith("ort.wasm"));
  const totals = {
    wasm: total((file) => !isGpu(file)),
    webgpu: total((file) => !isProcessor(file)),
    withoutEngine: total((file) => !isGpu(file) && !isProcessor(file)),
  };
  console.log(JSON.stringify({ totals, files }, null, 1));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
