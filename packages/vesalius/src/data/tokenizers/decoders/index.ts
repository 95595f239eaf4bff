import { z } from "zod";
import { component, type Component, componentFamily } from "../component.ts";
import { byteFallback, byteLevelDecoder } from "./bytes.ts";
import type { Decoder } from "./decoder.ts";
import { bpeDecoder, metaspaceDecoder, replaceDecoder, stripDecoder } from "./edit.ts";
import { fuse, kmersDecoder } from "./join.ts";
import { wordPieceDecoder } from "./word-piece.ts";

const sequence: Component<Decoder> = component({
  type: "Sequence",
  settings: z.object({ decoders: z.array(z.unknown()).max(1000) }),
  create: ({ decoders }, where): Decoder => {
    const steps = decoders.map((each, position) => createDecoder(each, `${where}.decoders.${position}`));
    return (tokens) => steps.reduce((texts, step) => step(texts), tokens);
  },
});

/** Makes a decoder from its JSON. */
export const createDecoder: (json: unknown, where: string, context?: undefined) => Decoder = componentFamily<Decoder>(
  "decoder",
  [
    sequence,
    wordPieceDecoder,
    fuse,
    kmersDecoder,
    byteLevelDecoder,
    byteFallback,
    bpeDecoder,
    metaspaceDecoder,
    replaceDecoder,
    stripDecoder,
  ],
);
