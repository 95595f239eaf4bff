import type { Catalogue, Entry } from "../../common/catalogue.ts";
import { encoders } from "../encoders/index.ts";
import type { EncoderEntry } from "../encoders/encoder.ts";
import { samplers } from "../samplers/index.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { transforms } from "../transforms/index.ts";
import type { ExampleTransform } from "../transforms/moved.ts";
import type { z } from "zod";

/** Where the names in a plan are looked up. */
export interface FeedCatalogues {
  readonly encoders: Catalogue<EncoderEntry>;
  readonly transforms: Catalogue<Entry<string, z.ZodObject, ExampleTransform>>;
  readonly samplers: Catalogue<Entry<string, z.ZodObject, Sampler>>;
}

/** The library's own. */
export const builtInFeeds = { encoders, transforms, samplers } as unknown as FeedCatalogues;
