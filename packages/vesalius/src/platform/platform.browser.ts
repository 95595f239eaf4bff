import { VesaliusError } from "../common/errors.ts";
import { batches } from "../data/index.ts";
import { type Backend, onnxRuntimeWeb } from "../runtime/index.ts";
import type { Platform } from "./platform.ts";

let backend: Promise<Backend> | undefined;

/** The engine on the processor, loaded once; a load that fails is tried again the next time. */
function defaultBackend(): Promise<Backend> {
  backend ??= onnxRuntimeWeb().catch((error: unknown) => {
    backend = undefined;
    throw error;
  });
  return backend;
}

/** Browser: ONNX Runtime in WebAssembly, batches on the caller's thread, no folders. */
export const platform: Platform = {
  defaultBackend,
  batches,
  writeFiles: (folder) =>
    Promise.reject(
      new VesaliusError("output-not-writable", "a browser cannot write into a folder", {
        where: folder,
        fix: "take the files from encode() and offer them as a download",
      }),
    ),
};
