import { VesaliusError } from "../../common/errors.ts";
import {
  columnNamed,
  type PreparedTokens,
  readExamples,
  type Split,
  tokenReader,
  tokensSpecSchema,
} from "../../data/index.ts";
import { columnsOf } from "../../tasks/index.ts";
import type { WeightedBackbone } from "../held-out.ts";

/** A text with its tokens. */
export interface ReadText {
  readonly row: number;
  readonly text: string;
  readonly prepared: PreparedTokens;
}

/**
 * Texts of a role by row, null where one is missing; several columns are one text, as the encoder reads them.
 *
 * @throws VesaliusError `bad-data` for columns of another kind
 */
export async function textsOf(split: Split, columns: readonly string[]): Promise<(string | null)[]> {
  for (const name of columns) {
    const { kind } = columnNamed(split, name);
    if (kind !== "texts")
      throw new VesaliusError("bad-data", `bits per byte are of texts, and ${name} holds ${kind}`, {
        where: `split ${split.name}`,
      });
  }
  const examples = await readExamples(
    split,
    columns,
    Array.from({ length: split.length }, (_, row) => row),
  );
  return examples.map((example) => {
    const texts = columns.map((name) => example[name] as string | null);
    if (texts.includes(null)) return null;
    return texts.length === 1 ? texts[0]! : texts.filter((text) => text !== "").join("\n");
  });
}

/**
 * The texts of a split that tokens stand for in full. Of others part would count as free: what is cut off, what an unknown
 * token or small letters hide.
 */
export async function readTexts(backbone: WeightedBackbone, split: Split, role: string) {
  const settings = tokensSpecSchema.parse(backbone.preparation![role]!);
  const reader = tokenReader(settings);
  const leftOut: Record<string, number> = {};
  const texts: ReadText[] = [];
  const whole = (text: string): boolean =>
    (settings.separator === undefined ? [text] : text.split(settings.separator)).every(
      (document) =>
        reader.tokenizer.decode(reader.tokenizer.encode(document, { specialTokens: "text" }).ids) === document,
    );
  const leave = (reason: string): void => void (leftOut[reason] = (leftOut[reason] ?? 0) + 1);
  for (const [row, text] of (await textsOf(split, columnsOf(backbone, role))).entries()) {
    if (text === null || text.trim() === "") leave("empty");
    else if (!whole(text)) leave("tokens do not stand for all of the text");
    else {
      const prepared = reader.read([text]);
      if (prepared.cut > 0) leave("longer than the network reads");
      else texts.push({ row, text, prepared });
    }
  }
  return { texts, leftOut, table: reader.table, settings };
}
