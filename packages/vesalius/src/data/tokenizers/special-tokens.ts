import type { PostProcessor } from "./post-processors/post-processor.ts";
import type { SpecialRole, SpecialTokens } from "./tokenizer.ts";
import type { SpecialNames } from "./tokenizer-file.ts";

/** Names under which published vocabularies keep a role, most telling first. */
const NAMES: Readonly<Record<SpecialRole, readonly string[]>> = {
  padding: ["[PAD]", "<pad>", "<|pad|>", "<|padding|>"],
  unknown: ["[UNK]", "<unk>"],
  mask: ["[MASK]", "<mask>", "<|mask|>"],
  start: ["[CLS]", "<cls>", "<s>", "[BOS]", "<bos>", "<|startoftext|>", "<|begin_of_text|>"],
  end: ["[SEP]", "<eos>", "</s>", "[EOS]", "<|endoftext|>", "<|end_of_text|>"],
};

/** Where the name of a role comes from, first that has one: what the file says, the post-processor, usual names. */
export function specialTokens(
  stated: SpecialNames,
  idOf: (token: string) => number | undefined,
  found: {
    readonly unknown: string | undefined;
    readonly processor: PostProcessor;
    readonly padding: string | undefined;
  },
): SpecialTokens {
  const { single } = found.processor;
  const text = single.findIndex((part) => "sequence" in part);
  const [before, after] = [single.slice(0, text)[0], single.slice(text + 1).at(-1)];
  const derived: Partial<Record<SpecialRole, number>> = {};
  if (found.padding !== undefined) derived.padding = idOf(found.padding)!;
  if (found.unknown !== undefined) derived.unknown = idOf(found.unknown)!;
  if (before !== undefined && "special" in before) derived.start = before.id;
  if (after !== undefined && "special" in after) derived.end = after.id;
  const role = (name: SpecialRole): number | undefined => {
    const given = stated[name];
    if (given !== undefined) return idOf(given);
    return derived[name] ?? NAMES[name].map(idOf).find((id) => id !== undefined);
  };
  return {
    padding: role("padding"),
    unknown: role("unknown"),
    mask: role("mask"),
    start: role("start"),
    end: role("end"),
  };
}
