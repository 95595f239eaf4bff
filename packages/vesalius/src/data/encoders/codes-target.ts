import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { codeKey, type Timeline } from "../columns/timelines.ts";
import { type Encoder, encoderEntry } from "./encoder.ts";

/** Codes of a timeline's events as they occur, each once. */
export const codesOf = ({ codes, codeTable }: Timeline): ReadonlySet<string> =>
  new Set(Array.from(codes, (code) => codeKey(codeTable[code]!)));

/** Which codes occur among the events of a timeline: `labels` float32 `[rows, vocabulary]`. */
export const codesTarget = encoderEntry({
  name: "codesTarget",
  summary: "Which codes of a vocabulary occur among the events of a timeline.",
  settings: z.strictObject({
    /** Codes by position, as category, system and code with bars between. */
    vocabulary: z.array(z.string()).min(1),
  }),
  create({ vocabulary }): Encoder {
    const places = new Map(vocabulary.map((key, i) => [key, i]));
    if (places.size < vocabulary.length)
      throw new VesaliusError("bad-configuration", "a code is listed twice", { where: "encoder codesTarget" });
    return {
      reads: [["timelines"]],
      inputs: (rows) => ({ labels: { dtype: "float32", shape: [rows, vocabulary.length] } }),
      prepare: ([timeline]) => [codesOf(timeline as Timeline)],
      counts: ([codes]) => ({
        codesWithoutOutput: [...(codes as ReadonlySet<string>)].filter((key) => !places.has(key)).length,
      }),
      encode(examples, { labels }) {
        examples.forEach((example, row) => {
          if (example === null) return;
          for (const key of example[0] as ReadonlySet<string>) {
            const at = places.get(key);
            if (at !== undefined) labels![row * vocabulary.length + at] = 1;
          }
        });
      },
    };
  },
});
