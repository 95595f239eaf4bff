import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { answer } from "../measuring/child.ts";
import { repositoryRoot } from "../paths.ts";
import { bundleAnswerSchema } from "./messages.ts";

// What a browser gets of the main entry where nothing of it is left out but the engine.
const result = await build({
  configFile: false,
  logLevel: "silent",
  build: {
    write: false,
    minify: true,
    lib: { entry: join(repositoryRoot(), "packages", "vesalius", "dist", "index.js"), formats: ["es"] },
    rolldownOptions: { external: [/^onnxruntime-/] },
  },
});
const code = [result]
  .flat()
  .flatMap((output) => ("output" in output ? output.output : []))
  .flatMap((chunk) => (chunk.type === "chunk" ? [Buffer.from(chunk.code)] : []));
answer(bundleAnswerSchema, {
  minified: code.reduce((sum, { length }) => sum + length, 0),
  gzip: code.reduce((sum, each) => sum + gzipSync(each).length, 0),
});
