import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { float32 } from "../../graph/index.ts";
import { loraFormat } from "./lora-format.ts";

/** Other values than PEFT's own of every key of `LoraConfig` (peft 0.17, tuners/lora/config.py). */
const keys = z
  .strictObject({
    changing: z.record(z.string(), z.json()),
    unchanging: z.record(z.string(), z.record(z.string(), z.json())),
  })
  .parse(JSON.parse(readFileSync(new URL("lora-keys.json", import.meta.url), "utf8")));

const usual = { peft_type: "LORA", r: 2, lora_alpha: 4, target_modules: ["a"] };
const prefix = "base_model.model.a.";
const tensors = new Map([
  [`${prefix}lora_A.weight`, float32([2, 3], [1, 2, 3, 4, 5, 6])],
  [`${prefix}lora_B.weight`, float32([3, 2], [1, 2, 3, 4, 5, 6])],
]);

function outcome(config: Readonly<Record<string, unknown>>): string {
  try {
    const { config: read, weights } = loraFormat.read({ config, tensors }, "adapter");
    return JSON.stringify([read, [...weights.keys()]]);
  } catch (error) {
    if (error instanceof VesaliusError) return `refused: ${error.message}`;
    throw error;
  }
}

test("every key of PEFT's LoRA changes what is read, or is refused by name, or has a reason to do neither", () => {
  const before = outcome(usual);
  expect(before).not.toMatch(/^refused/);
  for (const [key, value] of Object.entries(keys.changing)) {
    const found = outcome({ ...usual, [key]: value });
    if (found.startsWith("refused: ")) expect(found).toContain(key);
    else expect(found, key).not.toBe(before);
  }
  for (const [reason, unchanging] of Object.entries(keys.unchanging))
    for (const [key, value] of Object.entries(unchanging))
      expect(outcome({ ...usual, [key]: value }), `${key}: ${reason}`).toBe(before);
  expect(outcome({ ...usual, newly_invented_option: 1 })).toMatch(/refused: .*newly_invented_option/);
});
