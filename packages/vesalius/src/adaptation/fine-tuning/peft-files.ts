import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Tensors } from "../../graph/index.ts";
import { readSafetensors, writeSafetensors } from "../../training/index.ts";
import type { TrainedAdapter } from "../task.ts";
import { loraScaling } from "./lora.ts";

const prefix = "base_model.model.";

/** The keys of PEFT's `adapter_config.json` that low-rank adaptation here reads; the others are kept by PEFT. */
const configSchema = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).max(1).default(0),
  target_modules: z.array(z.string()).min(1),
  modules_to_save: z.array(z.string()).nullable().default(null),
  bias: z.literal("none").default("none"),
  fan_in_fan_out: z.literal(false).default(false),
});

/** Encodes an adapter as PEFT saves it: `adapter_config.json` and `adapter_model.safetensors`. */
export function peftAdapterFiles({ config, weights }: TrainedAdapter): Map<string, string | Uint8Array> {
  const saved = [
    ...new Set(
      [...weights.keys()].filter((name) => !/\.lora_[AB]\./.test(name)).map((name) => name.replace(/\.[^.]+$/, "")),
    ),
  ];
  const json: z.input<typeof configSchema> = {
    peft_type: "LORA",
    auto_mapping: null,
    base_model_name_or_path: "",
    task_type: null,
    inference_mode: true,
    r: config.rank,
    lora_alpha: loraScaling(config) * config.rank,
    lora_dropout: config.dropout,
    target_modules: config.targets,
    modules_to_save: saved,
    bias: "none",
    fan_in_fan_out: false,
    init_lora_weights: true,
  };
  const named: Tensors = new Map([...weights].map(([name, tensor]) => [prefix + name, tensor]));
  return new Map<string, string | Uint8Array>([
    ["adapter_model.safetensors", writeSafetensors(named, { format: "pt" })],
    ["adapter_config.json", `${JSON.stringify(json, null, 2)}\n`],
  ]);
}

/**
 * Decodes an adapter that PEFT (or `peftAdapterFiles`) saved.
 *
 * @throws VesaliusError `bad-file` for files that do not parse or kinds of adapters that are not LoRA
 */
export function readPeftAdapter(config: string, weights: Uint8Array, where: string): TrainedAdapter {
  let raw: unknown;
  try {
    raw = JSON.parse(config);
  } catch (error) {
    throw new VesaliusError("bad-file", "adapter_config.json is no valid JSON", { where, cause: error });
  }
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success)
    throw new VesaliusError("bad-file", `adapter_config.json is no plain LoRA: ${z.prettifyError(parsed.error)}`, {
      where,
    });
  const { r, lora_alpha: alpha, lora_dropout: dropout, target_modules: targets } = parsed.data;
  const tensors: Tensors = new Map();
  for (const [name, tensor] of readSafetensors(weights, where).tensors) {
    if (!name.startsWith(prefix)) throw new VesaliusError("bad-file", `unexpected entry "${name}"`, { where });
    tensors.set(name.slice(prefix.length), tensor);
  }
  return { config: { rank: r, alpha, dropout, targets }, weights: tensors };
}
