/**
 * Lets a process and its worker threads run TypeScript sources:
 *
 *     node --import ./scripts/sources/register.mjs packages/cli/src/main.ts doctor
 */
import { register } from "node:module";

register("./hooks.mjs", import.meta.url);
