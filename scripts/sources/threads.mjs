/**
 * Set-up of every test file: worker threads and processes that it starts can run TypeScript sources too. Node reads the
 * variable where they start; the process of the test itself is served by Vitest.
 */
const flag = `--import=${new URL("register.mjs", import.meta.url).href}`;
process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, flag].filter(Boolean).join(" ");
