/** The survey's methods on the command line. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder, objectOn, start, vesalius } from "./command-line.test.helper.ts";

test("lists methods, and says what one is and does otherwise", async () => {
  const { stdout } = await vesalius("atlas", "list", "--subfield", "language");
  expect(stdout).toMatch(/^biobert +2019 +hybrid +fineTuning +bert +tokenClassification +language\/diseases$/m);
  const shown = await vesalius("atlas", "show", "BEHRT");
  expect(shown.stdout).toContain("BEHRT: Transformer for Electronic Health Records");
  expect(shown.stdout).toContain("36 synthetic patients");
  const wrong = await vesalius("atlas", "show", "biobret", "--json");
  expect(JSON.stringify(objectOn(wrong))).toContain("biobert");
});

const data = join(process.env["VESALIUS_DATA"] ?? "", "open");

test.skipIf(!existsSync(join(data, "synthea-fhir-r4")))(
  "runs a method's recipe in small (VESALIUS_DATA)",
  async () => {
    const out = join(await makeFolder(), "run");
    const ended = await start(["atlas", "run", "behrt", "--data", data, "--smoke", "--out", out, "--json"]).ended;
    expect(ended.code).toBe(0);
    expect(existsSync(join(out, "report.html"))).toBe(true);
  },
  120_000,
);
