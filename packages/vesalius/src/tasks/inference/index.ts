import { z } from "zod";
import { catalogue, entry } from "../../common/catalogue.ts";
import { generateSchema, generating } from "./generate.ts";
import { indexed, indexedSchema } from "./indexed.ts";
import { onePass } from "./one-pass.ts";
import { windowsSchema } from "../../data/index.ts";
import { slidingWindow, slidingWindowSchema } from "./sliding-window.ts";
import { textWindows } from "./text-windows.ts";

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
  entry({
    name: "textWindows",
    summary: "Long texts in overlapping windows, whose answers are averaged or put together.",
    settings: windowsSchema,
    create: textWindows,
    paper: "Devlin et al. 2019",
  }),
  entry({
    name: "generate",
    summary: "Texts written token by token: greedily, by beam search or by sampling.",
    settings: generateSchema,
    create: generating,
  }),
]);
