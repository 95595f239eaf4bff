import { VesaliusError } from "../../common/errors.ts";
import type { Backbone, Preparation } from "../../models/index.ts";

/** A backbone whose encoders were fitted. */
export type PreparedBackbone = Backbone & { readonly preparation: Preparation };

/**
 * Lets every text begin with places that hold nothing of it, into which prompt tuning puts its vectors. They count among the
 * tokens of a text: of long texts so much less is read, and that is counted as cut.
 *
 * @throws VesaliusError `bad-configuration` for a network that reads no text, or writes with a decoder of its own, which
 * would get the prompts too
 */
export function roomForPrompts<Given extends PreparedBackbone>(backbone: Given, count: number): Given {
  const { network, preparation } = backbone;
  if (network.decoder?.().kind === "encoder-decoder")
    throw new VesaliusError("bad-configuration", `prompts would stand in front of both texts of ${network.name}`, {
      where: "method promptTuning",
      fix: "choose prefixTuning, lora or another method for an encoder-decoder",
    });
  const texts = Object.entries(preparation).filter(([, { name }]) => name === "tokens");
  if (texts.length === 0)
    throw new VesaliusError("bad-configuration", `${network.name} reads no text that prompts could stand in front of`, {
      where: "method promptTuning",
      fix: "choose a method for its inputs, such as visualPrompts for images, or lora",
    });
  const placed = texts.map(([role, encoder]) => [role, { ...encoder, front: count }] as const);
  return { ...backbone, preparation: { ...preparation, ...Object.fromEntries(placed) } };
}
