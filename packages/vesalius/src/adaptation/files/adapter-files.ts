import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { readSafetensors, writeSafetensors } from "../../common/safetensors.ts";
import { widenAll } from "../../models/checkpoints/index.ts";
import { adapterSchema } from "../adapter.ts";
import type { TrainedAdapter } from "../attach.ts";
import { parseKeys, type SavedAdapter } from "./format.ts";
import { ia3Format } from "./ia3-format.ts";
import { loraFormat } from "./lora-format.ts";
import { prefixFormat, promptFormat } from "./prompt-format.ts";
import { parseJson } from "../../common/parse-json.ts";

/** Names of the two files of an adapter, PEFT's. */
export const adapterFileNames = { config: "adapter_config.json", weights: "adapter_model.safetensors" } as const;

function written(adapter: TrainedAdapter): SavedAdapter {
  const { config } = adapter;
  if (config.type === "lora") return loraFormat.write({ ...adapter, config });
  if (config.type === "ia3") return ia3Format.write({ ...adapter, config });
  if (config.type === "promptTuning") return promptFormat.write({ ...adapter, config });
  if (config.type === "prefixTuning") return prefixFormat.write({ ...adapter, config });
  // PEFT has no such adapters: the settings as they are, under a key that PEFT does not know.
  return { config: { adapter: config }, tensors: adapter.weights };
}

/** `{ adapter: settings }`, for the types that PEFT does not have. */
const ownSchema = z.strictObject({ adapter: adapterSchema });
const headSchema = z.looseObject({ peft_type: z.string().optional() });

/**
 * Encodes an adapter as two files, `adapter_config.json` and `adapter_model.safetensors`: as PEFT saves them for LoRA
 * with its refinements, (IA)3, prompt tuning and prefix tuning, so that PEFT loads them; with the settings and names of
 * this library for bottleneck adapters and visual prompts, which PEFT does not have.
 */
export function adapterFiles(adapter: TrainedAdapter): Map<string, string | Uint8Array> {
  const { config, tensors, metadata = {} } = written(adapter);
  return new Map<string, string | Uint8Array>([
    [adapterFileNames.weights, writeSafetensors(tensors, { format: "pt", ...metadata })],
    // Last, because its presence is what makes the folder an adapter.
    [adapterFileNames.config, `${JSON.stringify(config, null, 2)}\n`],
  ]);
}

/**
 * Decodes an adapter that PEFT or `adapterFiles` saved; numbers of 16 bits become float32.
 *
 * @param config text of `adapter_config.json`
 * @param weights bytes of `adapter_model.safetensors`
 * @param where folder for messages
 * @throws VesaliusError `bad-file` for files that do not parse, kinds of adapters that are not known, and settings of
 * PEFT that would change what the adapter computes and are not implemented
 */
export function readAdapterFiles(config: string, weights: Uint8Array, where: string): TrainedAdapter {
  let json: unknown;
  try {
    json = parseJson(config);
  } catch (error) {
    throw new VesaliusError("bad-file", `${adapterFileNames.config} is no valid JSON`, { where, cause: error });
  }
  const head = parseKeys(headSchema, "adapter", json, where);
  const { tensors: stored, metadata } = readSafetensors(weights, `${where}/${adapterFileNames.weights}`);
  const tensors = widenAll(stored);
  const saved: SavedAdapter = { config: head, tensors, metadata };
  const read: Readonly<Record<string, (saved: SavedAdapter, where: string) => TrainedAdapter>> = {
    LORA: loraFormat.read,
    IA3: ia3Format.read,
    PROMPT_TUNING: promptFormat.read,
    P_TUNING: promptFormat.read,
    PREFIX_TUNING: prefixFormat.read,
  };
  if (head.peft_type === undefined)
    return { config: parseKeys(ownSchema, "adapter", head, where).adapter, weights: tensors };
  const format = Object.hasOwn(read, head.peft_type) ? read[head.peft_type] : undefined;
  if (format === undefined)
    throw new VesaliusError("bad-file", `adapters of the type ${head.peft_type} are not known`, {
      where,
      fix: `convert it to one of ${Object.keys(read).join(", ")}`,
    });
  return format(saved, where);
}
