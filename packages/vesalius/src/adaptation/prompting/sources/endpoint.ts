import { entry } from "../../../common/catalogue.ts";
import { z } from "zod";
import { endpointSchema } from "../../../generation/chat/endpoint-settings.ts";
import { endpointChatModel } from "../../../generation/index.ts";
import type { ModelSource } from "./source.ts";

const settingsSchema = endpointSchema.extend({
  /** Whether what says whom a text is about is taken out before it is sent. */
  deidentify: z.boolean().default(false),
});

/** A service that is asked over the network, where whoever runs the recipe allows it. */
export const endpointSource = entry({
  name: "endpoint",
  summary:
    "A service with the interface of OpenAI's chat completions; off unless its host is allowed where the recipe is run.",
  settings: settingsSchema,
  create: ({ deidentify, ...settings }): ModelSource => ({
    described: { name: "endpoint", model: settings.model, deidentified: deidentify },
    sendsTo: new URL(settings.url).host,
    tellsLikelihoods: false,
    async check() {
      await endpointChatModel(settings).release();
    },
    sent: (messages, place) =>
      deidentify ? messages.map(({ role, content }) => ({ role, content: place.deidentify(content) })) : messages,
    open: ({ place }) =>
      Promise.resolve(
        endpointChatModel({ ...settings, ...(deidentify ? { deidentify: (text) => place.deidentify(text) } : {}) }),
      ),
  }),
});
