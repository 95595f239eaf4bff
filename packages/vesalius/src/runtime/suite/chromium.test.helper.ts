import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

/** Where Debian and the environment variable `CHROMIUM` put the browser. */
const executable = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Whether tests in a browser can run here. */
export const hasChromium = existsSync(executable);

/** Flags with which a machine without a graphics processor has WebGPU, in software. */
const flags = [
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

/** Longest wait for the browser, in milliseconds: machines that run tests are busy. */
const patience = 120_000;

const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** What a server of a test has: texts by path, and folders by the beginning of the path. */
export interface Served {
  readonly texts?: Readonly<Record<string, string>>;
  readonly folders?: Readonly<Record<string, string>>;
  /** Headers of every answer, beside those that isolate the page. */
  readonly headers?: Readonly<Record<string, string>>;
}

async function contentOf(path: string, { texts = {}, folders = {} }: Served): Promise<string | Buffer | undefined> {
  const text = texts[path];
  if (text !== undefined) return text;
  for (const [prefix, folder] of Object.entries(folders)) {
    if (!path.startsWith(prefix)) continue;
    const file = normalize(join(folder, path.slice(prefix.length)));
    if (file.startsWith(folder + sep)) return readFile(file).catch(() => undefined);
  }
  return undefined;
}

/** Serves a page on this machine, isolated from other origins, as threads in a page need it. */
async function serve(served: Served): Promise<{ server: Server; origin: string }> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const path = asked.endsWith("/") ? `${asked}index.html` : asked;
    const content = await contentOf(path, served);
    response.writeHead(content === undefined ? 404 : 200, {
      "content-type": mediaTypes[extname(path)] ?? "application/octet-stream",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "cache-control": "no-store",
      ...served.headers,
    });
    response.end(content);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}

/** A page in headless Chromium with what it said and asked for. */
export interface OpenPage {
  readonly page: Page;
  readonly origin: string;
  /** Errors on the console and uncaught ones. */
  readonly errors: readonly string[];
  /** Every address that was requested. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Serves files and opens `/` in headless Chromium. */
export async function openInChromium(served: Served, viewport = { width: 1280, height: 800 }): Promise<OpenPage> {
  const { server, origin } = await serve(served);
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  try {
    browser = await chromium.launch({ executablePath: executable, args: flags, timeout: patience });
    const page = await browser.newPage({ viewport });
    page.setDefaultTimeout(patience);
    const errors: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`${origin}/`);
    return { page, origin, errors, requests, close };
  } catch (error) {
    await close();
    throw error;
  }
}
