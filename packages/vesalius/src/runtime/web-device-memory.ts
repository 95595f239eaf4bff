import { VesaliusError } from "../common/errors.ts";
import { elementCount, type Tensor, tensorBytes, type TensorType } from "../graph/index.ts";
import type { DeviceMemory } from "./backend.ts";
import type { EngineTensor, Residence, Runtime } from "./onnxruntime-session.ts";

/** Element types that ONNX Runtime keeps in buffers of WebGPU. */
const storable = ["float32", "float16", "int32", "int64", "uint32", "uint8", "bool"] as const;
type Storable = (typeof storable)[number];
const isStorable = (dtype: string): dtype is Storable => (storable as readonly string[]).includes(dtype);

/** What ONNX Runtime does with buffers, by WebGPU's `GPUBufferUsage`: COPY_SRC, COPY_DST and STORAGE. */
const usage = 0x04 | 0x08 | 0x80;

/** ONNX Runtime's shaders read whole vectors of four 32-bit numbers. */
const alignment = 16;

/** A tensor in the memory of a WebGPU device. */
class DeviceTensor implements Tensor {
  readonly dtype: Tensor["dtype"];
  readonly shape: readonly number[];

  constructor(dtype: Tensor["dtype"], shape: readonly number[]) {
    this.dtype = dtype;
    this.shape = shape;
  }

  get data(): never {
    throw new VesaliusError("bad-argument", "the tensor lies in the memory of the graphics processor", {
      fix: "download it first (Program.download)",
    });
  }
}

/** Memory of the WebGPU device that ONNX Runtime uses. */
export class WebDeviceMemory implements DeviceMemory, Residence {
  readonly #ort: Runtime;
  readonly #device: GPUDevice;
  readonly #inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #held = new WeakMap<Tensor, { readonly tensor: EngineTensor; readonly buffer: GPUBuffer | undefined }>();

  constructor(ort: Runtime, device: GPUDevice, inTurn: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#ort = ort;
    this.#device = device;
    this.#inTurn = inTurn;
  }

  stores({ dtype, shape }: TensorType): boolean {
    return isStorable(dtype) && elementCount(shape) > 0;
  }

  holds(tensor: Tensor): boolean {
    return this.#held.has(tensor);
  }

  upload(source: Tensor): Tensor {
    if (!isStorable(source.dtype) || !this.stores(source))
      throw new VesaliusError("bad-argument", `${source.dtype} [${source.shape.join(", ")}] cannot lie on the device`);
    const bytes = tensorBytes(source);
    const buffer = this.#device.createBuffer({
      size: Math.ceil(bytes.length / alignment) * alignment,
      usage,
      mappedAtCreation: true,
    });
    new Uint8Array(buffer.getMappedRange()).set(bytes);
    buffer.unmap();
    const tensor = this.#ort.Tensor.fromGpuBuffer(buffer, { dataType: source.dtype, dims: source.shape });
    return this.#adopt(tensor, buffer);
  }

  async download(tensor: Tensor): Promise<Tensor> {
    const held = this.#held.get(tensor);
    if (held === undefined) return tensor;
    // The argument keeps the copy on the device.
    const data = await this.#inTurn(() => held.tensor.getData(false));
    return { dtype: tensor.dtype, shape: tensor.shape, data };
  }

  free(tensor: Tensor): void {
    const held = this.#held.get(tensor);
    if (held === undefined) return;
    this.#held.delete(tensor);
    held.tensor.dispose();
    held.buffer?.destroy();
  }

  engineTensor(tensor: Tensor): EngineTensor | undefined {
    if (tensor instanceof DeviceTensor && !this.#held.has(tensor))
      throw new VesaliusError("bad-argument", "the tensor was freed, or lies on another device");
    return this.#held.get(tensor)?.tensor;
  }

  adopt(tensor: EngineTensor): Tensor {
    return this.#adopt(tensor, undefined);
  }

  #adopt(tensor: EngineTensor, buffer: GPUBuffer | undefined): Tensor {
    const ours = new DeviceTensor(tensor.type, tensor.dims);
    this.#held.set(ours, { tensor, buffer });
    return ours;
  }
}
