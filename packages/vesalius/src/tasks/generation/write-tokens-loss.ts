import { VesaliusError } from "../../common/errors.ts";
import type { Value } from "../../graph/index.ts";
import { type Backbone, type Features, gatherPlaces, type Outputs } from "../../models/index.ts";
import type { LossContext } from "../task.ts";
import { labelledPlaces, vocabularyOf } from "../token-loss.ts";

/** Part of the decoder's tokens of an encoder-decoder. */
export const answerPart = "answer";

/** How a network writes: on from what it reads, or an encoder-decoder a text of its own. */
export function writingOf({ network }: Pick<Backbone, "network">): "continued" | "separate" {
  if (network.startTokens !== undefined) return "separate";
  if (network.causal === true && network.heads?.["vocabulary"] !== undefined) return "continued";
  throw new VesaliusError("bad-configuration", `${network.name} writes no texts`, {
    fix: "choose a decoder or an encoder-decoder, such as gpt2, llama, bart or t5",
  });
}

/**
 * Logits of the tokens that come next: in training only of the places that are learned, with their labels; otherwise of
 * all, `[rows, length, vocabulary]`.
 *
 * @param role whose tokens are read
 * @param most places of a row that are learned; all of them where it is left out
 */
export function nextTokenLogits(
  features: Features,
  { inputs, backbone, training }: LossContext,
  role: string,
  most?: number,
): Outputs {
  const form = writingOf(backbone);
  const part = form === "separate" ? answerPart : role;
  const labels = inputs[part]!["labels"];
  const places = inputs[part]!["tokens"]!.shape[1]!;
  const chosen =
    training && labels !== undefined ? labelledPlaces(labels, Math.min(most ?? places, places)) : undefined;
  const select = (states: Value): Value => (chosen === undefined ? states : gatherPlaces(states, chosen.indices));
  const logits =
    form === "separate"
      ? separateLogits({ inputs, backbone }, role, select)
      : continuedLogits(features, backbone, role, select);
  return chosen === undefined ? { logits } : { logits, targets: chosen.targets };
}

function continuedLogits(
  features: Features,
  { network }: Backbone,
  role: string,
  select: (states: Value) => Value,
): Value {
  const head = vocabularyOf(network, role)!(features);
  return head.logits({ ...head.features, places: select(head.features.places!) });
}

function separateLogits(
  { inputs, backbone }: Pick<LossContext, "inputs" | "backbone">,
  role: string,
  select: (states: Value) => Value,
): Value {
  const definition = backbone.network.decoder?.();
  if (definition?.kind !== "encoder-decoder")
    throw new VesaliusError("bad-configuration", `${backbone.network.name} has no decoder`);
  const { tokens, mask } = inputs[role]!;
  return definition.logits({
    tokens: tokens!,
    mask: mask!,
    decoderTokens: inputs[answerPart]!["tokens"]!,
    decoding: { select },
  });
}
