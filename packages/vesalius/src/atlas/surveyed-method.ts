import type { methods } from "../adaptation/index.ts";
import type { architectures } from "../models/index.ts";
import type { objectives } from "../pretraining/index.ts";
import type { tasks } from "../tasks/index.ts";
import type { Paper } from "./paper.ts";

/** The survey's pretraining paradigms; a method that starts from somebody's weights has none. */
export type PretrainingParadigm = "generative" | "contrastive" | "hybrid" | "supervised";
/** The survey's adaptation paradigms. */
export type AdaptationParadigm = "fineTuning" | "adapterTuning" | "prompting";
/** The survey's four subfields. */
export type Subfield = "language" | "vision" | "bioinformatics" | "multimodal";

type NameOf<Listed extends { readonly names: readonly string[] }> = Listed["names"][number];

/** What of this library a method's recipe is made of. Names that do not exist do not compile. */
export interface Ingredients {
  readonly architecture: NameOf<typeof architectures>;
  readonly objectives?: readonly NameOf<typeof objectives>[];
  readonly task: NameOf<typeof tasks>;
  readonly methods: readonly NameOf<typeof methods>[];
}

/** The network of the paper. */
export interface PublishedNetwork {
  readonly architecture: NameOf<typeof architectures>;
  /** Settings of that architecture as the paper or its checkpoint states them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Name of the weights on the Hugging Face hub, where they are published. */
  readonly checkpoint?: string;
}

/** A recipe as a committed one and what is changed in it. */
export interface DerivedRecipe {
  /** Path of a committed recipe without its ending: `language/diseases`. */
  readonly base: string;
  /** JSON merge patch (RFC 7396): objects are merged, lists and values replace, null takes a key away. */
  readonly change?: Readonly<Record<string, unknown>>;
}

/** A method of the survey's Tables I to IV, and how it is run here. */
export interface SurveyedMethod {
  /** What commands call it: small letters, digits and dashes. */
  readonly id: string;
  /** Name as the survey prints it. */
  readonly name: string;
  readonly table: "I" | "II" | "III" | "IV";
  readonly subfield: Subfield;
  readonly paper: Paper;
  /** Empty where the method adapts a model that others pretrained. */
  readonly pretraining: readonly PretrainingParadigm[];
  readonly adaptation: readonly AdaptationParadigm[];
  /** Network or model that the survey names. */
  readonly backbone: string;
  /** Abbreviations of tasks as in the survey's table: NER, RE, QA, DIAL ... */
  readonly surveyTasks: readonly string[];
  /** The paper's own network; left out where it is not public or not one that this library has. */
  readonly published?: PublishedNetwork;
  readonly uses: Ingredients;
  readonly recipe: DerivedRecipe;
  /** What the recipe does otherwise than the paper: size, data, an ingredient. */
  readonly departs: readonly string[];
  /** What a reader of the survey should know, such as a citation that names another paper. */
  readonly note?: string;
}
