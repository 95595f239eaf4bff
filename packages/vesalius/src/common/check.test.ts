import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failure } from "../data/data.test.helper.ts";
import { validate } from "./check.ts";

const schema = z.strictObject({ size: z.strictObject({ height: z.int() }), seed: z.int().default(3) });

describe("validate", () => {
  it("returns the value with defaults", () => {
    const value = validate(schema, { size: { height: 2 } }, { code: "bad-argument", what: "options" });
    expect(value).toEqual({ size: { height: 2 }, seed: 3 });
  });

  it("names every key that is wrong, under the caller's code and place", async () => {
    const context = { code: "bad-configuration", what: "recipe", where: "run.yaml" } as const;
    const error = await failure(() => validate(schema, { size: { height: "2" }, seed: 0.5 }, context));
    expect(error).toMatchObject({ code: "bad-configuration", where: "run.yaml" });
    expect(error.message).toMatch(/^recipe: size\.height: .*; seed: /);
  });
});
