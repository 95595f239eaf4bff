import { VesaliusError } from "../common/errors.ts";
import { imageLoader, sequentialLoader } from "../data/index.ts";
import type { Platform } from "./platform.ts";

/** Browser: everything on the page's thread, no folders. */
export const platform: Platform = {
  defaultBackend: () =>
    Promise.reject(
      new VesaliusError("missing-dependency", "no backend is built in for browsers", {
        fix: "pass one in the options: { backend }",
      }),
    ),
  imageLoader,
  sequentialLoader,
  writeFiles: (folder) =>
    Promise.reject(
      new VesaliusError("output-not-writable", "a browser cannot write into a folder", {
        where: folder,
        fix: "take the files from encode() and offer them as a download",
      }),
    ),
};
