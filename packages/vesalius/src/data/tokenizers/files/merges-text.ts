import { VesaliusError } from "../../../common/errors.ts";
import { byteLevelBpeFile, GPT2_SPECIAL, ROBERTA_SPECIAL } from "../kinds/byte-level-bpe.ts";
import { clipFile } from "../kinds/clip.ts";
import type { TokenizerFile } from "../tokenizer-file.ts";
import { vocabularyOf } from "../vocabulary.ts";
import { checkLength, parseJson } from "./limits.ts";
import { statedRoles, type TokenizerConfig } from "./tokenizer-config.ts";

/** Lines of `merges.txt`: a pair a line, in the order in which they were learned, below a line with the version. */
export function mergeLines(text: string, where = "merges.txt"): string[] {
  checkLength(text, where);
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const first = lines[0]?.startsWith("#version") === true ? 1 : 0;
  const merges = lines.slice(first);
  const wrong = merges.findIndex((line) => line.split(" ").length !== 2 || line.split(" ").includes(""));
  if (wrong >= 0)
    throw new VesaliusError("bad-file", "a line is no pair of tokens with a space between", {
      where: `${where}, line ${wrong + first + 1}`,
    });
  return merges;
}

const BYTE_LEVEL = /^(GPT2|Roberta|Bart|Longformer|LED|Blenderbot|Deberta)Tokenizer/;

/**
 * A tokenizer of `vocab.json` and `merges.txt`: byte-level of GPT-2 or RoBERTa, or CLIP's.
 *
 * @throws VesaliusError `bad-file` for files that are not of these, such as BPE over words of Moses
 */
export function mergesTextFile(vocabularyText: string, mergesText: string, config: TokenizerConfig): TokenizerFile {
  const { tokens } = vocabularyOf(parseJson(vocabularyText, "vocab.json"), "vocab.json");
  const merges = mergeLines(mergesText);
  const known = new Set(tokens);
  const name = config.tokenizer_class ?? "";
  if (name.startsWith("CLIPTokenizer") || (name === "" && known.has("<|startoftext|>") && known.has("a</w>")))
    return clipFile(tokens, merges);
  if (!BYTE_LEVEL.test(name) && (name !== "" || !known.has("Ġ")))
    throw new VesaliusError(
      "bad-file",
      `vocab.json and merges.txt of ${name || "an unknown class"} are not implemented`,
      {
        where: "tokenizer_config.json: tokenizer_class",
        fix: "give tokenizer.json; vocabularies of GPT-2, RoBERTa and CLIP are read",
      },
    );
  const roberta = known.has("<s>") && known.has("</s>");
  return byteLevelBpeFile(tokens, merges, {
    prefixSpace: config.add_prefix_space ?? false,
    special: { ...(roberta ? ROBERTA_SPECIAL : GPT2_SPECIAL), ...statedRoles(config) },
    wrapped: roberta,
  });
}
