import { z } from "zod";
import { readFixtureJson } from "../../testing/reference.node.ts";

const vocabularySchema = z.record(z.string(), z.int());

const fixtureSchema = z.looseObject({
  pairs: z.array(
    z.looseObject({
      text: z.string(),
      ids: z.array(z.int()).optional(),
      tokens: z.array(z.string()).optional(),
      decoded: z.string().optional(),
      error: z.string().optional(),
    }),
  ),
});

/** Inputs and results of an original tokenizer. */
export const readTokenizerFixture = (name: string): z.output<typeof fixtureSchema> =>
  fixtureSchema.parse(readFixtureJson(`tokenizer/${name}`));

/** A fixture's vocabulary in the order of ids. */
export function fixtureVocabulary(name: string): string[] {
  const vocabulary = vocabularySchema.parse(readTokenizerFixture(name)["vocab"]);
  return Object.entries(vocabulary)
    .toSorted(([, a], [, b]) => a - b)
    .map(([token]) => token);
}
