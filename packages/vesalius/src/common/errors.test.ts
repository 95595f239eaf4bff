import { expect, test } from "vitest";
import { VesaliusError } from "./errors.ts";

test("a remedy names options as the interface in use does", () => {
  const error = new VesaliusError("bad-data", "there are no splits", {
    where: "films",
    fix: (option) => `divide the data with ${option("split", "80/20")}, or leave ${option("seed")} out`,
  });
  expect(error.fix).toBe("divide the data with the option split: 80/20, or leave the option seed out");
  expect(error.message).toBe(`there are no splits (films); ${error.fix}`);
  expect(error.toJSON().fix).toBe(error.fix);
  expect(error.fixAs((name, value) => [`--${name}`, value].join(" ").trim())).toBe(
    "divide the data with --split 80/20, or leave --seed out",
  );
  expect(new VesaliusError("bad-data", "x", { fix: "look" }).fixAs(() => "")).toBe("look");
  expect(new VesaliusError("bad-data", "x").fixAs(() => "")).toBeUndefined();
});
