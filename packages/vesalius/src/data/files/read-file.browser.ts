import { VesaliusError } from "../../common/errors.ts";

/**
 * The bytes behind an address, which in a browser stands for a path: of the page's server, or of a `Blob`.
 *
 * @throws VesaliusError `missing-file` where the server has none
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new VesaliusError("missing-file", "the address cannot be read", { where: path, cause: error });
  }
}
