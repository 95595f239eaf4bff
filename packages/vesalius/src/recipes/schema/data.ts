import { z } from "zod";
import type { Spec } from "../../common/index.ts";
import type { Catalogues } from "../catalogues.ts";
import { folderName, folderSchema, sourceShape } from "./folder.ts";
import { union } from "./named.ts";

/** Data that a program draws, by the name of the generator. */
const generatorSchema = (catalogues: Catalogues) =>
  union(
    "generator",
    catalogues.generators.entries.map(({ name, settings }) =>
      settings.safeExtend({ generator: z.literal(name), ...sourceShape(catalogues) }),
    ),
  ) as z.ZodType<
    { generator: string; trainingSplit: string; steps: Spec[]; [setting: string]: unknown },
    { generator: string; trainingSplit?: string; steps?: Spec[]; [setting: string]: unknown }
  >;

/** Where data come from: the name of a dataset folder, the same with settings, or a generator. */
export const sourceSchema = (catalogues: Catalogues) =>
  z.union([folderName, folderSchema(catalogues), generatorSchema(catalogues)]);

/** Data of a recipe. */
export function dataSchema(catalogues: Catalogues) {
  const source = sourceSchema(catalogues);
  return z.strictObject({
    /** What to pretrain on: one or several sources. Those of the task by default. */
    pretraining: z.union([source, z.array(source).min(1)]).optional(),
    /** The dataset of the task; it may be left out where there is only pretraining. */
    task: source.optional(),
  });
}

/** Where data come from, defaults filled in. */
export type DataSource = z.output<ReturnType<typeof sourceSchema>>;
