export { type Catalogue, catalogue, type Entry, entry, type InputOf, type Spec, type SpecOf } from "./catalogue.ts";
export { type ErrorCode, VesaliusError } from "./errors.ts";
export { type RandomStream, randomStream } from "./random.ts";
export * from "./safetensors.ts";
export * from "./tensor.ts";
