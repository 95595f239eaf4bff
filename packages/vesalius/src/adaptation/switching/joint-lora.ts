import { elementCount, float32Arithmetic, type Graph, type Tensor, type Tensors, zeros } from "../../graph/index.ts";
import type { AttachedAdapter } from "../attach.ts";
import { applyLora, type LoraGraph } from "../fine-tuning/lora.ts";
import { type LoraConfig, loraSchema } from "../fine-tuning/lora-config.ts";

/** A LoRA adapter on a graph, as `reattachAdapter` gives it. */
export interface LoraMember {
  readonly config: LoraConfig;
  readonly weights: Tensors;
  readonly modules: LoraGraph["modules"];
}

/** A LoRA adapter as a member of a joint graph; undefined for adapters of other types. */
export function loraMember({ config, adapted, weights }: AttachedAdapter): LoraMember | undefined {
  // What `applyAdapter` gives for this type.
  return config.type === "lora" ? { config, weights, modules: (adapted as LoraGraph).modules } : undefined;
}

/** Rows of zeros below those of each group, up to a number of rows for a group. */
function paddedRows(source: Tensor, rows: number, groups: number): Tensor {
  const { dtype, shape } = source;
  const padded = zeros(dtype, [rows * groups, ...shape.slice(1)]);
  const [from, to] = [source.data as Float32Array, padded.data as Float32Array];
  const [own, all] = [from.length / groups, to.length / groups];
  for (let group = 0; group < groups; group++) to.set(from.subarray(group * own, (group + 1) * own), group * all);
  return padded;
}

/** Columns of zeros at the right, up to a number of columns, and a factor on all elements. */
function paddedColumns(source: Tensor, columns: number, factor: number): Tensor {
  const [rows, own, ...rest] = source.shape as [number, number, ...number[]];
  const padded = zeros(source.dtype, [rows, columns, ...rest]);
  const [from, to] = [source.data as Float32Array, padded.data as Float32Array];
  const inside = elementCount(rest);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < own * inside; i++) to[row * columns * inside + i] = factor * from[row * own * inside + i]!;
  return padded;
}

/** Settings under which one graph serves several adapters: all their modules, the largest rank, the factor in B. */
export function jointConfig(members: readonly LoraMember[]): LoraConfig {
  const modules = members.flatMap((member) => member.modules);
  const rank = Math.max(...modules.map(({ shapes }) => shapes.b[1]!));
  const targets = [...new Set(modules.map(({ module }) => module))].sort();
  return loraSchema.parse({ rank, alpha: rank, targets, dora: members[0]!.config.dora });
}

/** The adapters' graph, and its parameters for one of them: padded with zeros, which change nothing. */
export function jointLora(graph: Graph, config: LoraConfig) {
  const joint = applyLora(float32Arithmetic(graph), config);
  return {
    graph: joint.graph,
    stateOf({ modules, weights }: LoraMember): Tensors {
      const state: Tensors = new Map();
      const own = new Map(modules.map((module) => [module.module, module]));
      for (const { module, a, b, magnitude, shapes } of joint.modules) {
        const member = own.get(module);
        if (member === undefined) {
          state.set(a, zeros("float32", shapes.a)).set(b, zeros("float32", shapes.b));
          continue;
        }
        state.set(a, paddedRows(weights.get(member.a)!, config.rank, member.groups));
        state.set(b, paddedColumns(weights.get(member.b)!, config.rank, member.scaling));
        if (magnitude !== undefined) state.set(magnitude, weights.get(magnitude)!);
      }
      return state;
    },
  };
}
