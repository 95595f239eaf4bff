import { dirname } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { openInChromium } from "./chromium.test.helper.ts";
import type { Suite, SuiteBackend, SuiteHost } from "./suite.test.helper.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Bundles the suite for browsers. */
async function bundle(): Promise<string> {
  // Run from the sources by vitest and from `dist` by scripts.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: here("."),
    resolve: {
      alias: { "#platform": here(`../../platform/platform.browser.${extension}`) },
      conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "production"],
    },
    build: {
      write: false,
      minify: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: {
        input: here(`page.test.helper.${extension}`),
        output: { codeSplitting: false, entryFileNames: "suite.js" },
      },
    },
  });
  const [output] = [result].flat();
  if (output === undefined || !("output" in output)) throw new Error("the bundler made no output");
  return output.output[0].code;
}

declare const suite: Suite;

/** Opens the suite on a backend in headless Chromium. */
export async function openSuitePage(backend: SuiteBackend): Promise<SuiteHost> {
  const engine = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
  const { page, errors, ...opened } = await openInChromium({
    texts: {
      "/index.html": `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/suite.js"></script>`,
      "/suite.js": await bundle(),
    },
    folders: { "/engine/": engine },
  });
  try {
    return {
      backend: await page.evaluate((name) => suite.open(name), backend),
      errors,
      operator: (...asked) => page.evaluate((given) => suite.operator(...given), asked),
      trainSmallVit: (steps) => page.evaluate((count) => suite.trainSmallVit(count), steps),
      writeTexts: () => page.evaluate(() => suite.writeTexts()),
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
