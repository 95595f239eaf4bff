import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type OptionWording, VesaliusError } from "./errors.ts";
import { portableError, restoreError } from "./portable-error.ts";

const across = (error: VesaliusError): VesaliusError => restoreError(structuredClone(portableError(error)));
const asFlag: OptionWording = (name, value) => `--${name}${value === undefined ? "" : ` ${value}`}`;

describe("an error that crossed to another thread or process", () => {
  it.each([
    new VesaliusError("bad-file", "the image cannot be decoded", { where: "a (1).png", fix: "export; again" }),
    new VesaliusError("bad-file", "the image cannot be decoded", { where: "a.png" }),
    new VesaliusError("bad-argument", "there is no batch", { fix: "ask for another" }),
    new VesaliusError("bad-argument", "there is no batch"),
    new VesaliusError("bad-data", "too large", { fix: (option) => `raise ${option("maxBytes")} or {0} \${1}` }),
  ])("says what it said: $message", (error) => {
    expect(across(error)).toBeInstanceOf(VesaliusError);
    expect(across(error).toJSON()).toEqual(error.toJSON());
  });

  it("still names options as the interface in use does, also after a second crossing", () => {
    const part = fc.oneof(
      fc.string().map((text) => text.replaceAll("\0", "")),
      fc.record({ name: fc.string({ minLength: 1 }), value: fc.option(fc.string(), { nil: undefined }) }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const error = new VesaliusError("bad-data", "what", {
          fix: (option) => parts.map((one) => (typeof one === "string" ? one : option(one.name, one.value))).join(""),
        });
        expect(across(across(error)).fixAs(asFlag)).toBe(error.fixAs(asFlag));
        expect(across(error).fix).toBe(error.fix);
      }),
    );
  });
});
