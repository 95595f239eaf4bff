import { componentFamily } from "../component.ts";
import type { PostProcessor } from "./post-processor.ts";
import { bertProcessing, templateProcessing } from "./template.ts";

/** Makes a post-processor from its JSON. */
export const createPostProcessor: (json: unknown, where: string) => PostProcessor = componentFamily<PostProcessor>(
  "post-processor",
  [templateProcessing, bertProcessing],
);
