import { VesaliusError } from "../../common/errors.ts";
import { validate } from "../../common/check.ts";
import { addedTokenFinder, type Stretch, withAddedTokens } from "./added-tokens.ts";
import { type AlignedText, alignedText, originalEnd, originalStart } from "./aligned-text.ts";
import { createDecoder } from "./decoders/index.ts";
import { EncodingBuilder, fillTemplate } from "./encoding.ts";
import { cached } from "./models/cached.ts";
import { createModel } from "./models/index.ts";
import { createNormalizer } from "./normalizers/index.ts";
import { bare } from "./post-processors/post-processor.ts";
import { createPostProcessor } from "./post-processors/index.ts";
import { createPreTokenizer } from "./pre-tokenizers/index.ts";
import { specialTokens } from "./special-tokens.ts";
import type { Encoding, EncodeOptions, Tokenizer } from "./tokenizer.ts";
import { type TokenizerFile, tokenizerFileSchema } from "./tokenizer-file.ts";

const isSpace = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code === 0x20 || (code > 8 && code < 14) || (code > 0x7e && /\p{White_Space}/u.test(text[at]!));
};

/**
 * Makes a tokenizer of its plain data.
 *
 * @param where the file that the data come from, for messages
 * @throws VesaliusError `bad-file` for data that are no tokenizer, and for a part or setting of `tokenizer.json` that is
 * not implemented, by its name.
 */
export function createTokenizer(data: TokenizerFile, where = "tokenizer.json"): Tokenizer {
  const file = validate(tokenizerFileSchema, data, { code: "bad-file", what: "tokenizer", where });
  const json = file.tokenizer;
  const hidden = new Set(json.added_tokens.filter((token) => token.special).map((token) => token.content));
  const model = cached(createModel(json.model, `${where}: model`, hidden));
  const normalize = json.normalizer === null ? undefined : createNormalizer(json.normalizer, `${where}: normalizer`);
  const preTokenize =
    json.pre_tokenizer === null ? undefined : createPreTokenizer(json.pre_tokenizer, `${where}: pre_tokenizer`);
  const processor =
    json.post_processor === null ? bare : createPostProcessor(json.post_processor, `${where}: post_processor`);
  const decoder = json.decoder === null ? undefined : createDecoder(json.decoder, `${where}: decoder`);
  const vocabulary = withAddedTokens(model.vocabulary, json.added_tokens, `${where}: added_tokens`);
  const { tokens, ids } = vocabulary;
  const special = specialTokens(file.special, (token) => ids.get(token), {
    unknown: model.unknown,
    processor,
    padding: json.padding?.pad_token,
  });

  const normalized = (text: AlignedText): AlignedText => normalize?.(text) ?? text;
  const finders = [true, false].map((withSpecial) => {
    const counted = json.added_tokens.filter((token) => withSpecial || !token.special);
    return {
      raw: addedTokenFinder(counted.filter((token) => !token.normalized)),
      normalized: addedTokenFinder(
        counted.filter((token) => token.normalized),
        ({ content }) => normalized(alignedText(content)).text,
      ),
    };
  });

  const stretches = (text: string, options: EncodeOptions): Stretch[] => {
    const find = finders[options.specialTokens === "text" ? 1 : 0]!;
    return find
      .raw(alignedText(text))
      .flatMap((stretch) => (stretch.token === undefined ? find.normalized(normalized(stretch.text)) : [stretch]));
  };

  const encode = (text: string, options: EncodeOptions = {}): Encoding => {
    const builder = new EncodingBuilder();
    let word = 0;
    const push = (id: number, token: string, piece: AlignedText, from: number, to: number): void => {
      const start = originalStart(piece, from);
      const end = originalEnd(piece, to - 1);
      let [first, last] = [start, end];
      if (processor.keepsWhiteSpace !== true) {
        while (first < last && isSpace(text, first)) first++;
        while (last > first && isSpace(text, last - 1)) last--;
      }
      if (first < last) builder.push(id, token, first, last, word);
      else builder.push(id, token, start, end, word);
    };
    for (const stretch of stretches(text, options)) {
      if (stretch.token !== undefined) {
        push(stretch.token.id, stretch.token.content, stretch.text, 0, stretch.text.text.length);
        word++;
        continue;
      }
      for (const piece of preTokenize?.([stretch.text]) ?? [stretch.text]) {
        if (piece.text === "") continue;
        const found = model.tokenize(piece.text);
        if (found === undefined)
          throw new VesaliusError(
            "bad-data",
            "a symbol is not in the tokenizer's vocabulary, which has no unknown token",
            {
              where: `character ${originalStart(piece, 0)} of the text`,
              fix: "correct the text, or use a tokenizer that has an unknown token",
            },
          );
        for (let at = 0; at < found.ids.length; at++)
          push(found.ids[at]!, found.tokens[at]!, piece, found.starts[at]!, found.ends[at]!);
        word++;
      }
    }
    return builder.result();
  };

  return {
    kind: model.kind,
    vocabulary: tokens,
    special,
    idOf: (token) => ids.get(token),
    encode,
    wrap: (first, second) =>
      second === undefined ? fillTemplate(processor.single, [first]) : fillTemplate(processor.pair, [first, second]),
    wrapLength: (pair) => (pair ? processor.pair : processor.single).filter((part) => "special" in part).length,
    decode: (chosen, options = {}) => {
      const texts = Array.from(chosen, (id) => {
        const token = tokens[id];
        if (token === undefined || token === "")
          throw new VesaliusError("bad-argument", `no token has the id ${id}`, {
            fix: `the vocabulary has the ids 0 to ${tokens.length - 1}`,
          });
        return token;
      }).filter((token) => options.skipSpecialTokens !== true || !hidden.has(token));
      return decoder === undefined ? texts.join(" ") : decoder(texts).join("");
    },
    toJson: () => file,
  };
}
