import { z } from "zod";
import { validate } from "../../../common/check.ts";
import type { SpecialRole, Tokenizer } from "../tokenizer.ts";
import type { SpecialNames } from "../tokenizer-file.ts";
import { parseJson } from "./limits.ts";

const where = "tokenizer_config.json";
const tokenName = z.union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)]);
/** One template, or several by name, of which conversations are written by the default one. */
const chatTemplateSchema = z
  .union([z.string().min(1), z.array(z.looseObject({ name: z.string(), template: z.string().min(1) }))])
  .nullish()
  .transform((given) => (typeof given === "string" ? given : given?.find(({ name }) => name === "default")?.template));
const namedToken = tokenName.nullish().transform((name) => name ?? undefined);

/** What `tokenizer_config.json` says beside `tokenizer.json` or vocabulary files; other keys are transformers' own. */
const configSchema = z.looseObject({
  tokenizer_class: z.string().nullish(),
  do_lower_case: z.boolean().optional(),
  do_basic_tokenize: z.literal(true, "is only implemented as true").optional(),
  never_split: z.array(z.string()).max(0, "is not implemented").nullish(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().optional(),
  add_prefix_space: z.boolean().optional(),
  pad_token: namedToken,
  unk_token: namedToken,
  mask_token: namedToken,
  cls_token: namedToken,
  bos_token: namedToken,
  sep_token: namedToken,
  eos_token: namedToken,
  chat_template: chatTemplateSchema,
});
export type TokenizerConfig = z.output<typeof configSchema>;

/** Reads `tokenizer_config.json`; without it, nothing is stated. */
export const readTokenizerConfig = (text: string | undefined): TokenizerConfig =>
  text === undefined
    ? configSchema.parse({})
    : validate(configSchema, parseJson(text, where), { code: "bad-file", what: "settings", where });

/** Roles that the settings state. */
export function statedRoles(config: TokenizerConfig): SpecialNames {
  const roles: Record<SpecialRole, string | undefined> = {
    padding: config.pad_token,
    unknown: config.unk_token,
    mask: config.mask_token,
    start: config.cls_token ?? config.bos_token,
    end: config.sep_token ?? config.eos_token,
  };
  return Object.fromEntries(Object.entries(roles).filter(([, name]) => name !== undefined));
}

/**
 * The files that a saved model holds of its tokenizer, by name. `tokenizer.json` is read by Hugging Face's libraries, but
 * for the parts that are Vesalius's own (overlapping k-mers, HTML in CLIP); `tokenizer_config.json` names the roles of
 * special tokens.
 */
export function tokenizerFiles(
  tokenizer: Tokenizer,
): Readonly<Record<"tokenizer.json" | "tokenizer_config.json", string>> {
  const { special, vocabulary } = tokenizer;
  const { chatTemplate } = tokenizer.toJson();
  const name = (id: number | undefined): string | undefined => (id === undefined ? undefined : vocabulary[id]);
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    pad_token: name(special.padding),
    unk_token: name(special.unknown),
    mask_token: name(special.mask),
    cls_token: name(special.start),
    sep_token: name(special.end),
    ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }),
  };
  return {
    "tokenizer.json": `${JSON.stringify(tokenizer.toJson().tokenizer)}\n`,
    "tokenizer_config.json": `${JSON.stringify(config, undefined, 2)}\n`,
  };
}
