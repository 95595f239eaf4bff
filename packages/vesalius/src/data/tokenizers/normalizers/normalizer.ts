import type { AlignedText } from "../aligned-text.ts";

/** Changes a text before it is split, and keeps track of where everything comes from. */
export type Normalizer = (text: AlignedText) => AlignedText;
