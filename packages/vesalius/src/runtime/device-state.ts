import type { Tensor, Tensors } from "../graph/index.ts";
import type { DeviceMemory } from "./backend.ts";

/** Copies of those tensors that lie on a device, in the main memory; the others as they are. */
export async function downloaded(memory: DeviceMemory, tensors: Tensors): Promise<Tensors> {
  const result: Tensors = new Map();
  for (const [name, tensor] of tensors) result.set(name, memory.holds(tensor) ? await memory.download(tensor) : tensor);
  return result;
}

/** What a program keeps in a device's memory between its runs. */
export class DeviceState {
  readonly #memory: DeviceMemory;
  readonly #read: ReadonlySet<string>;
  /** Copies of tensors of the main memory, by the name under which they are read. */
  readonly #copies = new Map<string, { readonly source: Tensor; readonly copy: Tensor }>();

  /** @param read names that the program reads; nothing else is copied */
  constructor(memory: DeviceMemory, read: readonly string[]) {
    this.#memory = memory;
    this.#read = new Set(read);
  }

  /** The state with every tensor that the program reads in the device's memory, as far as the device can store it. */
  resident(state: Tensors): Tensors {
    const all: Tensors = new Map();
    for (const [name, tensor] of state)
      all.set(name, this.#read.has(name) && this.#memory.stores(tensor) ? this.#onDevice(name, tensor) : tensor);
    return all;
  }

  #onDevice(name: string, tensor: Tensor): Tensor {
    if (this.#memory.holds(tensor)) return tensor;
    const known = this.#copies.get(name);
    if (known?.source === tensor) return known.copy;
    this.#drop(name);
    const copy = this.#memory.upload(tensor);
    this.#copies.set(name, { source: tensor, copy });
    return copy;
  }

  #drop(name: string): void {
    const known = this.#copies.get(name);
    if (known !== undefined) this.#memory.free(known.copy);
    this.#copies.delete(name);
  }

  /** A state got a successor: what it was is freed on the device. */
  replaced(name: string, old: Tensor): void {
    this.#memory.free(old);
    this.#drop(name);
  }

  /** Copies of those tensors that lie on the device, in the main memory; the others as they are. */
  download(tensors: Tensors): Promise<Tensors> {
    return downloaded(this.#memory, tensors);
  }

  /** Frees the copies, and those of the given tensors that lie on the device. */
  release(state: Tensors): void {
    for (const { copy } of this.#copies.values()) this.#memory.free(copy);
    this.#copies.clear();
    for (const tensor of state.values()) this.#memory.free(tensor);
  }
}
