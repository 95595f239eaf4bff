import type { z } from "zod";
import { validate } from "../../common/check.ts";
import { cutTexts, readExamples, type Split, windowsSchema } from "../../data/index.ts";
import { sameShape } from "../../common/tensor.ts";
import type { Tensor } from "../../graph/index.ts";
import type { Result, WindowResult } from "../task.ts";
import type { Inference, InferenceOptions, Runner } from "./inference.ts";
import { onePass } from "./one-pass.ts";

type Outputs = Readonly<Record<string, Tensor>>;

/** Means over windows of the outputs that have one shape in all of them: logits, probabilities, vectors. */
function meanOutputs(windows: readonly Outputs[]): Record<string, Tensor> {
  const [first, ...others] = windows;
  return Object.fromEntries(
    Object.entries(first!).flatMap(([name, { dtype, shape, data }]) => {
      if (dtype !== "float32" || !others.every((one) => sameShape(one[name]!.shape, shape))) return [];
      const mean = Float32Array.from(data as Float32Array);
      for (const one of others) (one[name]!.data as Float32Array).forEach((value, i) => (mean[i]! += value));
      return [[name, { dtype, shape, data: mean.map((value) => value / windows.length) }] as const];
    }),
  );
}

/**
 * Texts of any length through a network of a limited one: overlapping windows of words, everything else of an example
 * repeated for each (Devlin et al. 2019, section 4.2; Wang et al. 2019, Multi-passage BERT). A result's outputs are the means
 * over its windows; those of single places, which differ in length, stay with the windows, from which tasks that mark
 * places decode.
 *
 * @throws VesaliusError `bad-configuration` for windows that overlap as much as they are long
 */
export function textWindows(options: z.input<typeof windowsSchema>): Inference {
  const settings = validate(windowsSchema, options, { code: "bad-configuration", what: "textWindows" });
  return {
    name: "textWindows",
    async *results(runner: Runner, split: Split, columns: readonly string[], options: InferenceOptions) {
      const { onProgress, ...quiet } = options;
      const cut = await cutTexts(split, settings);
      let windows: WindowResult[] = [];
      for await (const { row, outputs } of onePass.results(runner, cut.split, [], quiet)) {
        const of = cut.rows[row]!;
        windows.push({ place: cut.places[row], outputs });
        if (cut.rows[row + 1] === of) continue;
        const [example] = await readExamples(split, columns, [of]);
        const result: Result = { id: split.ids[of]!, row: of, example: example!, outputs: windows[0]!.outputs };
        if (windows.length === 1) yield result;
        else yield { ...result, outputs: meanOutputs(windows.map((window) => window.outputs)), windows };
        windows = [];
        onProgress?.(of + 1, split.length);
      }
    },
  };
}
