import type { z } from "zod";
import type { Entry, Spec } from "../common/catalogue.ts";
import type { Tensors, Value } from "../graph/index.ts";
import type { CausalDecoder, EncoderDecoder } from "./decoders.ts";

/** Encoders by role, as they were fitted: pixel statistics, tokenizer, gene vocabulary. Saved with every model. */
export type Preparation = Readonly<Record<string, Spec>>;

/** Inputs of a graph by role (or part) and name: `inputs.image.pixels`. */
export type InputValues = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/** Named results of a graph. */
export type Outputs = Readonly<Record<string, Value>>;

/** What a network gives, which heads, losses and probes build on. Whatever it does not have is left out. */
export interface Features {
  /** `[batch, width]` */
  readonly pooled: Value;
  /**
   * Patches, tokens, genes, atoms, `[batch, places, width]`. Class tokens that the network adds itself are taken off;
   * special tokens of a tokenizer are places like any other, so that places and tokens of an input stand side by side.
   */
  readonly places?: Value;
  /** Class tokens and other vectors in front of the places, `[batch, leading, width]`. */
  readonly leading?: Value;
  /** 1 for places, 0 for padding, float32 `[batch, places]`; no padding where it is left out. */
  readonly mask?: Value;
  /** `[batch, channels, ...spatial]`, finest first. */
  readonly pyramid?: readonly Value[];
  /** Features of each tower of a network with several inputs, before they meet, by role. */
  readonly towers?: Readonly<Record<string, Features>>;
  /** Further values by name, for heads of the same network: vectors of genes, attention, shared tables. */
  readonly also?: Readonly<Record<string, Value>>;
}

/** What an objective hides of a role's places. */
export interface HiddenPlaces {
  /** The only places that the network sees, int32 `[batch, kept]`. */
  readonly visible?: Value;
  /** 1 for places that show the mask token, float32 `[batch, places]`. */
  readonly masked?: Value;
}

/** How features are computed. */
export interface Mode {
  /** Whether dropout acts and batch statistics are used. */
  readonly training: boolean;
  /** By role. */
  readonly hidden?: Readonly<Record<string, HiddenPlaces>>;
}

/** Adds the layers of a task under the checkpoints' own names. */
export type Head = (features: Features, outputs: number, mode: Mode) => Outputs;

/** An architecture with a configuration: a function from symbolic inputs to symbolic features. */
export interface Network {
  /** Name of its entry in the catalogue of architectures. */
  readonly name: string;
  /** Its whole configuration, plain data. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By role (`image`, `text`), the encoder that makes its inputs, as far as the configuration decides it. */
  readonly reads: Readonly<Record<string, Spec>>;
  /** Groups of roles that one set of weights reads, so that one encoder is fitted on the columns of all. */
  readonly alike?: readonly (readonly string[])[];
  /** Roles that it can do without: they get an input `present`. */
  readonly optional?: readonly string[];
  /**
   * The network for encoders that were fitted: vocabulary size, number of genes, number of covariates.
   *
   * @throws VesaliusError `bad-configuration` where configuration and encoders contradict each other
   */
  fitted?(preparation: Preparation): Network;
  /** @param inputs by role; the names after it are those of the role's encoder */
  features(inputs: InputValues, mode: Mode): Features;
  /**
   * Features of one role after it has met the others, for that role's own heads (`text.vocabulary`); networks whose inputs
   * do not meet leave it out.
   *
   * @throws VesaliusError `bad-configuration` for a role whose places are not seen by the others
   */
  roleFeatures?(features: Features, role: string): Features;
  /** What of a role's places it can hide. */
  readonly hides?: Readonly<Record<string, readonly (keyof HiddenPlaces)[]>>;
  /** Whether each place sees only those before it, so that the next one can be predicted. */
  readonly causal?: boolean;
  /** How a role's places lie: `[14, 14]`, `[8, 8, 8]`; undefined for sequences, whose length varies. */
  grid?(role: string): readonly number[] | undefined;
  /** Depth, for learning rates that fall towards the input. */
  readonly layers: number;
  /** Layer that a parameter belongs to: 0 for embeddings, 1 to `layers`, `layers` + 1 for what follows. */
  layerOf(parameter: string): number;
  /**
   * Heads by what they tell apart: `classes`, `tokens` (each place), `vocabulary` (as many as the network's table has,
   * whatever is asked for), `masks`. Each gives `logits`.
   */
  readonly heads?: Readonly<Record<string, Head>>;
  /**
   * Parameters that a checkpoint of the network may lack and that then start `new`, may have and are `left`, or `either`:
   * a pooler is new where the checkpoint has none, and left where the task does not pool.
   */
  mayDiffer?(parameter: string): "new" | "left" | "either" | undefined;
  /**
   * What the decoder of an encoder-decoder is given to begin with; left out by decoders that go on with what they read.
   */
  readonly startTokens?: readonly number[];
  /** For networks that write texts: what generation has to know of them. */
  decoder?(): CausalDecoder | EncoderDecoder;
  /** The configuration in the file of the field (`config.json` of timm or Hugging Face, arguments of MONAI). */
  toFile?(preparation: Preparation): Readonly<Record<string, unknown>>;
}

/**
 * What is known of the data that a role would read: the kind of its column, how many examples there are, and typical sizes,
 * lengths and counts, each under a name of its own.
 */
export interface RoleFacts {
  readonly kind: string;
  readonly examples: number;
  readonly [fact: string]: string | number | readonly number[];
}

/** How a network would be set for data that nobody has trained it on. */
export interface NetworkSuggestion {
  readonly preset?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Settings of the roles' encoders. */
  readonly encoders?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Why, by the key that a setting has in a recipe's backbone. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Settings of named sizes. */
export type Presets = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An architecture of the catalogue. */
export interface ArchitectureEntry<
  Name extends string = string,
  Settings extends z.ZodObject = z.ZodObject,
  Sizes extends Presets = Presets,
> extends Entry<Name, Settings, Network> {
  /** Named sizes: settings that differ from the defaults. `nano` is one of them: every recipe runs with it in seconds. */
  readonly presets: Sizes;
  /** Roles and the kinds of data that they read, for tables: `{ image: "images" }`. */
  readonly roles: Readonly<Record<string, string>>;
  /**
   * The settings that a published configuration describes, what it says of the encoders, and how the weights beside it
   * become those of the network where they have other names; undefined where the file is none of this architecture.
   *
   * @throws VesaliusError `bad-configuration` for keys that change the computation and are not supported
   */
  fromFile?(
    json: Readonly<Record<string, unknown>>,
  ): { settings: unknown; preparation?: Preparation; weights?: (stored: Tensors) => Tensors } | undefined;
  /**
   * Settings for data, from what is known of each role's; undefined where the network is no choice for them. Without it the
   * smallest size for real data is taken.
   */
  suggest?(facts: Readonly<Record<string, RoleFacts>>): NetworkSuggestion | undefined;
}

/** Keeps the types of an architecture's name and settings, and the names of its sizes. */
export const architectureEntry = <const Name extends string, Settings extends z.ZodObject, const Sizes extends Presets>(
  it: ArchitectureEntry<Name, Settings, Sizes>,
): ArchitectureEntry<Name, Settings, Sizes> => it;

/** A network with what it learned, before any task is chosen. */
export interface Backbone {
  readonly network: Network;
  /** Undefined until pretraining or loading; training from scratch draws new ones. */
  readonly weights: Tensors | undefined;
  /** Undefined until data were seen; fitted on the training split then. */
  readonly preparation: Preparation | undefined;
  /** Columns of the data that each role reads; a column of the role's own name where this is left out. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** Settings of a role's encoder beside those that the network decides: a tokenizer, a window of intensities. */
  readonly encoders?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
