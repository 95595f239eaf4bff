import { VesaliusError } from "../../../common/errors.ts";
import { parseJson as parseBoundedJson } from "../../../common/parse-json.ts";

/** Longest file that is read, in UTF-16 units. */
const MAXIMUM_LENGTH = 1 << 28;

/** @throws VesaliusError `bad-file` for a file that is longer than any published tokenizer */
export function checkLength(text: string, where: string): void {
  if (text.length > MAXIMUM_LENGTH)
    throw new VesaliusError("bad-file", `the file has ${text.length} characters`, {
      where,
      fix: `at most ${MAXIMUM_LENGTH} are read`,
    });
}

/** @throws VesaliusError `bad-file` for a text that is no JSON or too long */
export function parseJson(text: string, where: string): unknown {
  checkLength(text, where);
  try {
    return parseBoundedJson(text);
  } catch (cause) {
    throw new VesaliusError("bad-file", "the file is no JSON", { where, cause });
  }
}
