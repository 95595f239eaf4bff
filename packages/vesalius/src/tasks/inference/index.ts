import { z } from "zod";
import { catalogue, entry } from "../../common/catalogue.ts";
import { onePass } from "./one-pass.ts";

/** Every way to run a model on examples, by name. */
export const inferences = catalogue("inference", [
  entry({
    name: "onePass",
    summary: "Every example through the network once.",
    settings: z.strictObject({}),
    create: () => onePass,
  }),
]);
