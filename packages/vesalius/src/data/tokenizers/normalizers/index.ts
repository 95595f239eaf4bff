import { z } from "zod";
import { component, type Component, componentFamily } from "../component.ts";
import { bertNormalizer } from "./bert.ts";
import { prepend, replace, strip } from "./edit.ts";
import { htmlUnescape } from "./html.ts";
import { lowercase, stripAccents } from "./letters.ts";
import { nmt } from "./nmt.ts";
import type { Normalizer } from "./normalizer.ts";
import { precompiled } from "./precompiled.ts";
import { nfc, nfd, nfkc, nfkd } from "./unicode.ts";

const sequence: Component<Normalizer> = component({
  type: "Sequence",
  settings: z.object({ normalizers: z.array(z.unknown()).max(1000) }),
  create: ({ normalizers }, where): Normalizer => {
    const steps = normalizers.map((each, position) => createNormalizer(each, `${where}.normalizers.${position}`));
    return (text) => steps.reduce((changed, step) => step(changed), text);
  },
});

/** Makes a normalizer from its JSON. */
export const createNormalizer: (json: unknown, where: string, context?: undefined) => Normalizer =
  componentFamily<Normalizer>("normalizer", [
    sequence,
    bertNormalizer,
    nfc,
    nfd,
    nfkc,
    nfkd,
    lowercase,
    stripAccents,
    strip,
    replace,
    prepend,
    nmt,
    htmlUnescape,
    precompiled,
  ]);
