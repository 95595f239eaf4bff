import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import type { ModelSource } from "./source.ts";

/** A GGUF file that llama.cpp runs. */
export const ggufSource = entry({
  name: "gguf",
  summary: "A GGUF file, run by llama.cpp through the optional package node-llama-cpp.",
  settings: z.strictObject({
    /** The file: `models/biomistral-7b.Q4_K_M.gguf`. */
    file: z.string().min(1),
    /** Tokens that fit into a conversation; as many as the file says where it is left out. */
    contextLength: z.int().positive().optional(),
    /** Threads; as many as the machine has cores where it is left out. */
    threads: z.int().positive().optional(),
  }),
  create: ({ file, contextLength, threads }): ModelSource => ({
    described: { name: "gguf" },
    tellsLikelihoods: true,
    identify: (place) => place.digestOf(file),
    async check({ place }) {
      const model = await place.openChatFile(file, { contextLength, threads });
      await model.release();
    },
    open: ({ place }) => place.openChatFile(file, { contextLength, threads }),
  }),
});
