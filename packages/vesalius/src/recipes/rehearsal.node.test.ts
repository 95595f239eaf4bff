/** Faults that recipe, data and network together show before anything is trained. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { rehearseRecipe } from "./rehearse-recipe.node.ts";
import { failureOf, makeFolder, tinyRecipe } from "./recipe.test.helper.ts";
import { run } from "./run.test.helper.ts";
import type { RecipeInput } from "./schema.ts";
import type { RunEvent } from "./stages/events.ts";

const withMethods = (...methods: NonNullable<RecipeInput["adaptation"]>["methods"]): RecipeInput => ({
  ...tinyRecipe,
  adaptation: { ...tinyRecipe.adaptation, methods },
});

describe("a run is refused before it pretrains", () => {
  it.each<[string, RecipeInput, string, RegExp]>([
    [
      "LoRA targets without a layer",
      withMethods({ name: "scratch" }, { name: "lora", label: "wrong", targets: ["attn.qvk"] }),
      "method wrong",
      /did you mean attn\.qkv\? choose among: .*blocks\.0\.attn\.qkv/,
    ],
    [
      "ranks of layers that are not adapted",
      withMethods({ name: "lora", targets: ["qkv"], rankPattern: { fc7: 4 } }),
      "method lora",
      /blocks\.0\.attn\.qkv/,
    ],
    [
      "parameters that do not exist",
      withMethods({ name: "partialFineTuning", parameters: ["*.biass"] }),
      "method partialFineTuning",
      /choose among: .*blocks\.0\.norm1\.bias/,
    ],
    ["(IA)3 on what is not there", withMethods({ name: "ia3", targets: ["key"] }), "method ia3", /choose among/],
    [
      "factors on inputs of layers that are not chosen",
      withMethods({ name: "ia3", targets: ["fc1"], feedForward: ["fc2"] }),
      "method ia3",
      /fc1/,
    ],
    [
      "bottlenecks behind what is not there",
      withMethods({ name: "bottleneckAdapter", targets: ["output.dense"] }),
      "method bottleneckAdapter",
      /choose among/,
    ],
    [
      "bottlenecks that leave out what is not there",
      withMethods({ name: "bottleneckAdapter", except: ["blocks.77.*"] }),
      "method bottleneckAdapter",
      /choose among/,
    ],
    [
      "prompts before what is not there",
      withMethods({ name: "visualPrompts", layers: "encoder.*.norm" }),
      "method visualPrompts",
      /there are blocks\.0\.norm1/,
    ],
    ["prefixes for a network that reads no texts", withMethods({ name: "promptTuning" }), "method promptTuning", /./],
  ])("for %s", async (_, recipe, where, fix) => {
    const out = join(await makeFolder(), "run");
    const error = await failureOf(() => run(recipe, { out }));
    expect(error.code).toBe("bad-configuration");
    expect(error.where).toContain(where);
    expect(error.fix ?? error.what).toMatch(fix);
    expect(existsSync(out)).toBe(false);
  });
});

it("is found and said in a rehearsal of its own, without a folder of a run", async () => {
  const wrong = withMethods({ name: "lora", label: "wrong", targets: ["attn.qvk"] });
  expect((await failureOf(() => rehearseRecipe(wrong))).where).toContain("method wrong");
  expect((await rehearseRecipe(withMethods({ name: "lora", rank: 64 }))).join()).toContain("Method lora:");
});

it("ranks above the size of layers are allowed, and said before the first stage", async () => {
  const { pretraining, ...others } = withMethods({ name: "lora", rank: 64 });
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const error = await failureOf(async () =>
    run(
      { ...others, pretraining: pretraining! },
      {
        out: join(await makeFolder(), "run"),
        signal: stop.signal,
        onEvent(event) {
          events.push(event);
          stop.abort();
        },
      },
    ),
  );
  expect(error.code).toBe("interrupted");
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "caution",
      text: expect.stringMatching(/^Method lora: The rank of LoRA is above/),
    }),
  );
});
