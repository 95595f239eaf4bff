import { VesaliusError } from "vesalius";
import { type Dataset, datasetCardSchema, decodeText, textsColumn } from "vesalius/data";

/** Most bytes that are piped in: what is longer is a file, or has no end. */
const mostBytes = 2 ** 28;

async function pipedBytes(): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    total += part.length;
    if (total > mostBytes)
      throw new VesaliusError("bad-data", `more than ${mostBytes} bytes are piped in`, {
        where: "standard input",
        fix: "name a file in place of -",
      });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * Texts from standard input as a dataset.
 *
 * @param lines whether each line is a text of its own
 * @throws VesaliusError `bad-argument` where nothing is piped in, `bad-data` where there is no text, `bad-file` for
 * what is neither UTF-8 nor UTF-16
 */
export async function textsOfInput(lines: boolean): Promise<Dataset> {
  if (process.stdin.isTTY)
    throw new VesaliusError("bad-argument", "nothing is piped in", {
      where: "standard input",
      fix: 'pipe a text in (echo "..." | vesalius predict MODEL -), or name a file',
    });
  const read = decodeText(await pipedBytes(), "standard input");
  const texts = (lines ? read.split(/\r?\n/) : [read]).map((one) => one.trim()).filter((one) => one !== "");
  if (texts.length === 0) throw new VesaliusError("bad-data", "there is no text", { where: "standard input" });
  const input = {
    name: "input",
    length: texts.length,
    ids: texts.map((_, i) => String(i + 1)),
    groups: undefined,
    attributes: {},
    columns: { text: textsColumn(texts) },
  };
  return {
    name: "input",
    card: datasetCardSchema.parse({ name: "input" }),
    unit: "texts",
    splits: { input },
    tables: {},
  };
}
