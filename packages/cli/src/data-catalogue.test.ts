/** The survey's datasets on the command line. */
import { expect, test } from "vitest";
import { objectOn, vesalius } from "./command-line.test.helper.ts";

test("lists the datasets of the survey and says how to get and open one", async () => {
  const { stdout } = await vesalius("data", "catalogue", "--subfield", "language");
  expect(stdout.trim().split("\n")).toHaveLength(35);
  expect(stdout).toMatch(/^mimic-iv .*credentialed/m);
  const described = await vesalius("data", "describe", "medqa");
  expect(described.stdout).toContain("vesalius data FOLDER --reader jsonLines");
  expect(objectOn(await vesalius("data", "describe", "eMedQA2", "--json"))).toMatchObject({ id: "cmedqa2" });
});

test("says which name was probably meant", async () => {
  const ended = await vesalius("data", "describe", "medqaa", "--json");
  expect(ended.code).not.toBe(0);
  expect(JSON.stringify(objectOn(ended))).toContain("medqa");
});
