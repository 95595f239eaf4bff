import { expect, it } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { restoreError } from "../../common/portable-error.ts";
import { serialiseError } from "./worker-errors.ts";

it("errors between threads arrive as they left, and become typed where they were not", () => {
  const error = new VesaliusError("bad-data", "an example has no image", { where: "row 3", fix: "complete the data" });
  expect(restoreError(structuredClone(serialiseError(error))).toJSON()).toEqual(error.toJSON());
  expect(restoreError(serialiseError(new TypeError("x is undefined")))).toMatchObject({
    code: "runtime-failure",
    message: "preparing a batch failed: x is undefined",
  });
});
