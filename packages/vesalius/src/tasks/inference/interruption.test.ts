import { expect, test } from "vitest";
import { stopIfInterrupted } from "./interruption.ts";

test("goes on without a signal or before it", () => {
  expect(() => stopIfInterrupted(undefined, 0, 3)).not.toThrow();
  expect(() => stopIfInterrupted(new AbortController().signal, 0, 3)).not.toThrow();
});

test("says how far it came, and how to go on", () => {
  const stop = (): void => stopIfInterrupted(AbortSignal.abort(), 2, 3);
  expect(stop).toThrow(expect.objectContaining({ code: "interrupted", what: "stopped after 2 of 3 examples" }));
  expect(stop).toThrow(expect.objectContaining({ fix: expect.stringContaining("again") }));
});
