import type { z } from "zod";
import { type AdaptationMethod, type AnsweringMethod, methods } from "../adaptation/index.ts";
import { type Catalogue, catalogue, type Entry } from "../common/catalogue.ts";
import type {
  Dataset,
  DatasetStep,
  EncoderEntry,
  ExampleTransform,
  FeedCatalogues,
  ReaderEntry,
  Sampler,
} from "../data/index.ts";
import { generators } from "../data/datasets/index.ts";
import { encoders } from "../data/encoders/index.ts";
import { samplers } from "../data/samplers/index.ts";
import { datasetSteps } from "../data/steps/index.ts";
import { transforms } from "../data/transforms/index.ts";
import { type ArchitectureEntry, architectures } from "../models/index.ts";
import { type Objective, objectives } from "../pretraining/index.ts";
import { type BaselineModel, baselines, type Inference, inferences, type TaskEntry, tasks } from "../tasks/index.ts";
import { type Study, studies } from "./studies/index.ts";

type Listed<Made> = Entry<string, z.ZodObject, Made>;

/**
 * Everything that a recipe can name. The library brings its own lists; a program adds to them with `Catalogue.with`, and
 * what it adds works like what was there: in recipes, in their schema, on the command line.
 */
export interface Catalogues {
  readonly readers: Catalogue<ReaderEntry>;
  /** Data that a program draws. */
  readonly generators: Catalogue<Listed<Dataset>>;
  /** What splits are turned into before anything else. */
  readonly steps: Catalogue<Listed<DatasetStep>>;
  readonly encoders: Catalogue<EncoderEntry>;
  readonly transforms: Catalogue<Listed<ExampleTransform>>;
  readonly samplers: Catalogue<Listed<Sampler>>;
  readonly architectures: Catalogue<ArchitectureEntry>;
  readonly objectives: Catalogue<Listed<Objective>>;
  readonly tasks: Catalogue<TaskEntry>;
  readonly inferences: Catalogue<Listed<Inference>>;
  readonly methods: Catalogue<Listed<AdaptationMethod | AnsweringMethod>>;
  readonly studies: Catalogue<Listed<Study>>;
  /** Models without a network that networks are held against. */
  readonly baselines: Catalogue<Listed<BaselineModel>>;
}

/**
 * The library's own lists, as far as they work in any runtime; what opens folders is in the Node entry.
 */
export const builtIn: Catalogues = {
  readers: catalogue("reader", []),
  generators,
  steps: datasetSteps,
  encoders,
  transforms,
  samplers,
  architectures,
  objectives,
  tasks,
  inferences,
  methods,
  studies,
  baselines,
};

/**
 * What feeds are looked up in where a program has added to it; undefined for the library's own lists, which worker
 * threads know.
 */
export function feedCataloguesOf({
  encoders: own,
  transforms,
  samplers: orders,
}: Catalogues): FeedCatalogues | undefined {
  const same = own === builtIn.encoders && transforms === builtIn.transforms && orders === builtIn.samplers;
  return same ? undefined : { encoders: own, transforms, samplers: orders };
}
