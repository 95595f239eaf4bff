import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { component, type Component, componentFamily } from "../component.ts";
import { byteLevelProcessing, robertaProcessing } from "./byte-level.ts";
import { bare, type PostProcessor } from "./post-processor.ts";
import { bertProcessing, templateProcessing } from "./template.ts";

const puts = ({ single, pair }: PostProcessor): boolean => single.length > 1 || pair.length > 2;

const sequence: Component<PostProcessor> = component({
  type: "Sequence",
  settings: z.object({ processors: z.array(z.unknown()).max(100) }),
  create: ({ processors }, where): PostProcessor => {
    const steps = processors.map((each, at) => createPostProcessor(each, `${where}.processors.${at}`));
    const around = steps.filter(puts);
    if (around.length > 1)
      throw new VesaliusError("bad-file", "a sequence of post-processors puts tokens around a text twice", { where });
    const keeps = steps.some(({ keepsWhiteSpace }) => keepsWhiteSpace === true);
    return { ...(around[0] ?? bare), keepsWhiteSpace: keeps };
  },
});

/** Makes a post-processor from its JSON. */
export const createPostProcessor: (json: unknown, where: string, context?: undefined) => PostProcessor =
  componentFamily<PostProcessor>("post-processor", [
    sequence,
    templateProcessing,
    bertProcessing,
    robertaProcessing,
    byteLevelProcessing,
  ]);
