import { VesaliusError } from "../../common/errors.ts";
import { type ChatModel, languageModel, ownChatModel } from "../../generation/index.ts";
import type { Graph } from "../../graph/index.ts";
import type { Backend } from "../../runtime/index.ts";
import type { Model } from "../model.ts";
import { tokenizerOfRole } from "./generation.ts";

/**
 * A model that was adapted to write (tasks `generation`, `preference`) as one that is spoken to; an adapter that stays on
 * the graph answers with it.
 *
 * @param name for records
 * @throws VesaliusError `bad-configuration` for a network that writes no texts
 *
 * @example
 * const doctor = await modelAsChat(await loadModel("runs/instructions/models/lora-seed1"), { name: "instructions" });
 */
export async function modelAsChat<Answer>(
  { backbone, weights, attached, task }: Pick<Model<Answer>, "backbone" | "weights" | "attached" | "task">,
  { name, role = "text", backend }: { readonly name?: string; readonly role?: string; readonly backend?: Backend } = {},
): Promise<ChatModel> {
  const definition = backbone.network.decoder?.();
  if (definition === undefined)
    throw new VesaliusError("bad-configuration", `${backbone.network.name} writes no texts`, {
      fix: "give a model that was adapted to generation",
    });
  const writer = await languageModel(definition, weights, {
    ...(backend === undefined ? {} : { backend }),
    ...(attached === undefined ? {} : { rewrite: (graph: Graph) => attached.apply(graph) }),
  });
  return ownChatModel(name ?? `${backbone.network.name} (${task.name})`, writer, tokenizerOfRole(backbone, role));
}
