import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { headers } from "./headers.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  resolve: {
    // The engine as files of their own: its default bundle hangs with threads in a production build.
    conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "development|production"],
  },
  worker: { format: "es" },
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rolldownOptions: { input: [here("index.html"), here("predict.html")] },
  },
  server: { headers: { ...headers } },
  preview: { headers: { ...headers } },
});
