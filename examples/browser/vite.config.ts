import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { headers } from "./headers.ts";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  resolve: {
    // The engine as files of their own: its default bundle hangs with threads in a production build.
    conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "development|production"],
  },
  worker: { format: "es" },
  build: { target: "es2023", outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0 },
  server: { headers: { ...headers } },
  preview: { headers: { ...headers } },
});
