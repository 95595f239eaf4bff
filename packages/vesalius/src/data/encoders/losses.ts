import type { Catalogue } from "../../common/catalogue.ts";
import { columnNamed } from "../dataset/rows.ts";
import type { Feeds } from "../feeds.ts";
import type { Split } from "../split.ts";
import type { EncoderEntry } from "./encoder.ts";
import { encoders as builtIn } from "./index.ts";

/**
 * What a network does not see of examples because their values are brought into the form that it reads: images made
 * smaller or grey, in words with their number. Nothing where nothing is lost.
 */
export function lossesOf(
  splits: readonly Split[],
  { parts }: Pick<Feeds, "parts">,
  encoders: Catalogue<EncoderEntry> = builtIn,
): string[] {
  const losses = Object.values(parts).flatMap(({ encoder, columns: [name] }) => {
    const entry = encoders.entry(encoder.name);
    if (entry.loses === undefined || name === undefined) return [];
    const { name: _name, ...settings } = encoder;
    return entry.loses(
      entry.settings.parse(settings),
      splits.map((split) => columnNamed(split, name)),
    );
  });
  return [...new Set(losses)];
}
