import { z } from "zod";
import { component, type Component, componentFamily } from "../component.ts";
import { byteLevel } from "./byte-level.ts";
import { fixedLength, kmers } from "./kmers.ts";
import { metaspace } from "./metaspace.ts";
import type { PreTokenizer } from "./pre-tokenizer.ts";
import { split } from "./split.ts";
import { bertPreTokenizer, charDelimiterSplit, digits, punctuation, whitespace, whitespaceSplit } from "./words.ts";

const sequence: Component<PreTokenizer> = component({
  type: "Sequence",
  settings: z.object({ pretokenizers: z.array(z.unknown()).max(1000) }),
  create: ({ pretokenizers }, where): PreTokenizer => {
    const steps = pretokenizers.map((each, position) => createPreTokenizer(each, `${where}.pretokenizers.${position}`));
    return (pieces) => steps.reduce<ReturnType<PreTokenizer>>((split, step) => step(split), [...pieces]);
  },
});

/** Makes a pre-tokenizer from its JSON. */
export const createPreTokenizer: (json: unknown, where: string, context?: undefined) => PreTokenizer =
  componentFamily<PreTokenizer>("pre-tokenizer", [
    sequence,
    bertPreTokenizer,
    whitespace,
    whitespaceSplit,
    punctuation,
    digits,
    charDelimiterSplit,
    split,
    fixedLength,
    kmers,
    byteLevel,
    metaspace,
  ]);
