/**
 * Headers with which every file of the page is served. The first two isolate the page from other origins, which threads
 * in WebAssembly need; the last one keeps all data on the page: nothing may be fetched from or sent to another origin.
 * The same headers stand in `public/_headers` for static hosts that read such a file.
 */
export const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const;
