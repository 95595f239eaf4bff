import { VesaliusError } from "../../common/errors.ts";
import type { Value } from "../../graph/index.ts";
import type { CausalDecoder, EncoderDecoder } from "../decoders.ts";
import type { Features, Head, Mode, Network } from "../network.ts";
import { fittedVocabulary, inputOf, tokenizerFacts } from "../network-inputs.ts";

/** The role of networks that read one sequence of tokens. */
export const textRole = "text";

/** Inputs of a network that reads tokens, as its encoder makes them. */
export interface TokenInputs {
  /** int32 `[batch, tokens]` */
  readonly tokens: Value;
  /** float32 `[batch, tokens]` */
  readonly mask?: Value;
  /** int32 `[batch, tokens]` */
  readonly segments?: Value;
  /** int32 `[batch, tokens, features]` */
  readonly features?: Value;
}

/** Settings that a tokenizer decides. */
interface TokenSettings {
  readonly vocabularySize?: number | undefined;
}

/** What makes a network of a function over tokens. */
export interface TokenNetworkParts<Settings extends TokenSettings> extends Pick<
  Network,
  "layers" | "layerOf" | "mayDiffer" | "causal" | "startTokens"
> {
  readonly name: string;
  readonly settings: Settings;
  /** The network with other settings. */
  readonly again: (settings: Settings) => Network;
  /** Most tokens of an input; any number where it is left out. */
  readonly longest?: number;
  /** Settings that hold the number of a special token, and the token's role in a tokenizer. */
  readonly special?: Readonly<Record<string, string>>;
  /** Settings that follow from the encoder beside those of the tokenizer. */
  readonly fit?: (encoder: Readonly<Record<string, unknown>>) => Partial<Settings>;
  readonly build: (inputs: TokenInputs, mode: Mode) => Features;
  readonly heads: Readonly<Record<string, Head>>;
  readonly decoder?: () => CausalDecoder | EncoderDecoder;
  readonly toFile?: () => Readonly<Record<string, unknown>>;
}

function checkLength(longest: unknown, most: number | undefined): void {
  if (typeof longest !== "number" || most === undefined || longest <= most) return;
  throw new VesaliusError("bad-configuration", `texts have up to ${longest} tokens, the network ${most} positions`, {
    fix: "lower maximumLength of the tokens, or give a network without weights more positions",
  });
}

/** A function over tokens as a network with the role `text`. */
export function tokenNetwork<Settings extends TokenSettings>(parts: TokenNetworkParts<Settings>): Network {
  const { name, settings, longest, layers, causal, startTokens, decoder, toFile } = parts;
  return {
    name,
    config: settings as Readonly<Record<string, unknown>>,
    reads: { [textRole]: { name: "tokens", ...(longest === undefined ? {} : { maximumLength: longest }) } },
    fitted(preparation) {
      const spec = preparation[textRole];
      if (spec === undefined) return parts.again(settings);
      checkLength(spec["maximumLength"], longest);
      const vocabularySize = fittedVocabulary(preparation, textRole, settings.vocabularySize);
      const found = tokenizerFacts(spec)?.special ?? {};
      const special = Object.entries(parts.special ?? {}).flatMap(([key, kind]) => {
        const id = found[kind];
        return id === undefined ? [] : [[key, id] as const];
      });
      return parts.again({
        ...settings,
        ...(vocabularySize === undefined ? {} : { vocabularySize }),
        ...Object.fromEntries(special),
        ...parts.fit?.(spec),
      });
    },
    features(inputs, mode) {
      const tokens = inputOf(inputs, textRole, "tokens");
      const features = parts.build({ ...inputs[textRole], tokens }, mode);
      return { ...features, also: { ...features.also, tokens } };
    },
    layers,
    layerOf: (parameter) => parts.layerOf(parameter),
    heads: parts.heads,
    mayDiffer: (parameter) => parts.mayDiffer?.(parameter),
    ...(causal === undefined ? {} : { causal }),
    ...(startTokens === undefined ? {} : { startTokens }),
    ...(decoder === undefined ? {} : { decoder }),
    ...(toFile === undefined ? {} : { toFile }),
  };
}

/** Vectors of places, which a head asks for. */
export function placesOf(features: Features): Value {
  if (features.places !== undefined) return features.places;
  throw new VesaliusError("bad-argument", "these features have no places");
}
