import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { LabelsColumn } from "../columns/labels.ts";
import { encoderEntry, type Encoder } from "./encoder.ts";
import { requirePlaces } from "./records/record-values.ts";

/**
 * Several labels at once: `labels` float32 `[rows, names]`, 1 for those that are given, and `annotated` float32, 0 for
 * those of which the data do not say whether they are.
 */
export const labelsTarget = encoderEntry({
  name: "labelsTarget",
  summary: "Several labels at once, with marks of those that were annotated.",
  settings: z.strictObject({
    /** Names of the labels, in order; those of the training data where they are left out. */
    names: z.array(z.string()).min(1).optional(),
  }),
  create({ names }): Encoder {
    if (names === undefined)
      throw new VesaliusError("bad-configuration", "the names of the labels are not known yet", {
        fix: "give names, or fit the encoder on the training split",
      });
    const encoder: Encoder = {
      reads: [["labels"]],
      inputs: (rows) => ({
        labels: { dtype: "float32", shape: [rows, names.length] },
        annotated: { dtype: "float32", shape: [rows, names.length] },
      }),
      forColumns(columns) {
        const places = requirePlaces(names, columns);
        return { ...encoder, prepare: ([own]) => [Int8Array.from(places, ({ index }) => (own as Int8Array)[index]!)] };
      },
      encode(examples, { labels, annotated }) {
        examples.forEach((example, row) => {
          if (example === null) return;
          (example[0] as Int8Array).forEach((value, i) => {
            labels![row * names.length + i] = value === 1 ? 1 : 0;
            annotated![row * names.length + i] = value < 0 ? 0 : 1;
          });
        });
      },
    };
    return encoder;
  },
  fit: (given, [column]) => Promise.resolve({ names: given.names ?? [...(column as LabelsColumn).names] }),
});
