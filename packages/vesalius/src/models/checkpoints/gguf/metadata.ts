import { VesaliusError } from "../../../common/errors.ts";
import type { GgufHeader, GgufValue } from "./header.ts";

/** Keys that change no number: what a model is called, who made it, how its file was made, how texts are drawn. */
const neutral = /^(general\.|tokenizer\.|quantize\.|split\.)/;

/** Metadata of one architecture, which are read key by key; a key that nobody read changes the computation in a way unknown. */
export class GgufMetadata {
  readonly architecture: string;
  readonly #values: ReadonlyMap<string, GgufValue>;
  readonly #where: string;
  readonly #read = new Set<string>();

  constructor({ metadata }: Pick<GgufHeader, "metadata">, where: string) {
    this.#values = metadata;
    this.#where = where;
    const name = metadata.get("general.architecture");
    if (typeof name !== "string") throw this.bad("general.architecture is missing");
    this.architecture = name;
    const parts = metadata.get("split.count");
    if (typeof parts === "number" && parts > 1)
      throw new VesaliusError("bad-file", `the model is split into ${parts} files`, {
        where,
        fix: "join them with llama-gguf-split --merge",
      });
  }

  bad(what: string): VesaliusError {
    return new VesaliusError("bad-file", what, {
      where: this.#where,
      fix: "the file is damaged or comes from a converter that leaves keys out; get it again",
    });
  }

  refuse(key: string, why: string): VesaliusError {
    return new VesaliusError("bad-configuration", `${key}: ${why}`, {
      where: this.#where,
      fix: "use a model without it: what it changes is not implemented",
    });
  }

  /** A key below the architecture's name, whatever it holds. */
  value(key: string): GgufValue | undefined {
    const full = `${this.architecture}.${key}`;
    this.#read.add(full);
    return this.#values.get(full);
  }

  number(key: string): number | undefined {
    const found = this.value(key);
    if (found === undefined) return undefined;
    if (typeof found !== "number" || !Number.isFinite(found))
      throw this.bad(`${this.architecture}.${key} holds no number`);
    // Fractions are stored in 32 bits: 1e-5 and not 9.999999747378752e-6.
    return Number.isInteger(found) ? found : Number(found.toPrecision(7));
  }

  required(key: string): number {
    const found = this.number(key);
    if (found === undefined) throw this.bad(`${this.architecture}.${key} is missing`);
    return found;
  }

  text(key: string): string | undefined {
    const found = this.value(key);
    if (found !== undefined && typeof found !== "string") throw this.bad(`${this.architecture}.${key} holds no text`);
    return found;
  }

  /** Refuses a key that asks for another value than the one that is implemented. */
  only(key: string, ...values: readonly GgufValue[]): void {
    const found = this.value(key);
    if (found !== undefined && !values.includes(found))
      throw this.refuse(`${this.architecture}.${key}`, `${JSON.stringify(found)} is not implemented`);
  }

  /**
   * Ends reading.
   *
   * @throws VesaliusError `bad-configuration` naming a key that nobody read
   */
  finish(): void {
    for (const key of this.#values.keys())
      if (!neutral.test(key) && !this.#read.has(key)) throw this.refuse(key, "the key is not known");
  }
}
