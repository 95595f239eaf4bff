import { describe, expect, it } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { restoreError } from "../../common/portable-error.ts";
import { serialiseError } from "./worker-errors.ts";

describe("errors between threads", () => {
  it.each([
    new VesaliusError("bad-file", "the image cannot be decoded", { where: "a (1).png", fix: "export; again" }),
    new VesaliusError("bad-file", "the image cannot be decoded", { where: "a.png" }),
    new VesaliusError("bad-argument", "there is no batch", { fix: "ask for another" }),
    new VesaliusError("bad-argument", "there is no batch"),
  ])("arrive as they left: $message", (error) => {
    const arrived = restoreError(structuredClone(serialiseError(error)));
    expect(arrived).toBeInstanceOf(VesaliusError);
    expect(arrived.toJSON()).toEqual(error.toJSON());
  });

  it("become typed where they were not", () => {
    expect(restoreError(serialiseError(new TypeError("x is undefined")))).toMatchObject({
      code: "runtime-failure",
      message: "preparing a batch failed: x is undefined",
    });
  });
});
