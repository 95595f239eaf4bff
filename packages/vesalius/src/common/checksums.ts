import { createDigest } from "#common/digest";
import { canonicalJson } from "./canonical-json.ts";
import { type ErrorDetails, VesaliusError } from "./errors.ts";

/** SHA-256 of a file's content as 64 hexadecimal digits. */
export const checksumOf = (content: string | Uint8Array): string => createDigest().update(content).hex();

/** SHA-256 of each of several files, by name. */
export const checksumsOf = (files: Iterable<readonly [string, string | Uint8Array]>): Record<string, string> =>
  Object.fromEntries([...files].map(([name, content]) => [name, checksumOf(content)]));

/** Plain data as they come back from a JSON file, in any order of keys. */
const checksumOfJson = (value: object): string => checksumOf(canonicalJson(JSON.parse(JSON.stringify(value))));

/** Plain data with a checksum of themselves under `checksum`, to be written as JSON. */
export const sealed = <Value extends object>(value: Value): Value & { readonly checksum: string } => ({
  ...value,
  checksum: checksumOfJson(value),
});

/**
 * Whether data that were read from JSON are those that were sealed.
 *
 * @returns undefined where they carry no checksum
 */
export function isIntact(json: unknown): boolean | undefined {
  if (typeof json !== "object" || json === null || !("checksum" in json)) return undefined;
  const { checksum, ...rest } = json;
  return checksum === checksumOfJson(rest);
}

/** A file whose content is no longer what was written. */
export const changedFile = (where: string, fix: NonNullable<ErrorDetails["fix"]>): VesaliusError =>
  new VesaliusError("bad-file", "the file is not as it was written: its checksum differs", { where, fix });

/**
 * Checks files against the checksums that were saved with them.
 *
 * @param files content by name; those without a checksum are not looked at
 * @param fix what helps where one has changed
 * @throws VesaliusError `bad-file` naming the first that differs
 */
export function checkFiles(
  checksums: Readonly<Record<string, string>>,
  files: Iterable<readonly [string, string | Uint8Array]>,
  where: string,
  fix: string,
): void {
  for (const [name, content] of files)
    if (Object.hasOwn(checksums, name) && checksums[name] !== checksumOf(content))
      throw changedFile(`${where}/${name}`, fix);
}
