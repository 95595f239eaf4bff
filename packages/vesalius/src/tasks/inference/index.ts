import { z } from "zod";
import { catalogue, entry } from "../../common/catalogue.ts";
import { indexed, indexedSchema } from "./indexed.ts";
import { onePass } from "./one-pass.ts";
import { slidingWindow, slidingWindowSchema } from "./sliding-window.ts";

/** Every way to run a model on examples, by name. */
export const inferences = catalogue("inference", [
  entry({
    name: "onePass",
    summary: "Every example through the network once.",
    settings: z.strictObject({}),
    create: () => onePass,
  }),
  entry({
    name: "indexed",
    summary: "Queries against an index of a table's entries, by vectors and by words.",
    settings: indexedSchema,
    create: indexed,
    paper: "Karpukhin et al. 2020",
  }),
  entry({
    name: "slidingWindow",
    summary: "Images and volumes of any size in overlapping windows, whose answers are averaged.",
    settings: slidingWindowSchema,
    create: slidingWindow,
    paper: "Isensee et al. 2021",
  }),
]);
