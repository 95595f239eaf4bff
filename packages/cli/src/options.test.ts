import { Command } from "commander";
import { expect, test } from "vitest";
import { memoryOption } from "./options.ts";

const parsed = (text: string): unknown =>
  new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .addOption(memoryOption())
    .parse(["--memory", text], { from: "user" })
    .opts()["memory"];

test.each([
  ["4GB", 4e9],
  ["4gb", 4e9],
  ["2GiB", 2 ** 31],
  ["1.5 MB", 1.5e6],
  ["500", 500],
  ["64k", 64_000],
])("--memory %s is %d bytes", (text, bytes) => expect(parsed(text)).toBe(bytes));

test.each(["", "lots", "-1GB", "0", "1e400", "4 GX", "GB"])("--memory %s is refused", (text) =>
  expect(() => parsed(text)).toThrow("write a number of bytes, for example 4GB."),
);
