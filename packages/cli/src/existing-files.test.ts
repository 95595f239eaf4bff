import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasHeadOf, isEvaluation, isExportedModel, type IsOwn, isResult, refuseExisting } from "./existing-files.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-existing-"));
});
afterAll(() => rm(folder, { recursive: true }));

const predictions = "id,predictedClass,clear\na,clear,0.5\n";

it.each<[string, string, IsOwn | undefined, boolean]>([
  [
    "an evaluation",
    JSON.stringify({ notice: "Research use only: x", kind: "classification" }, null, 2),
    isEvaluation,
    true,
  ],
  ["a report of something else", JSON.stringify({ kind: "quarter", notice: "Research" }), isEvaluation, false],
  ["an exported model", "\x08\x08\x12\x08vesalius", isExportedModel, true],
  ["a model of another program", "\x08\x08\x12\x07pytorch", isExportedModel, false],
  ["the result of a run", JSON.stringify({ recipe: "tiny" }, null, 2), isResult, true],
  ["other JSON", "{}", isResult, false],
  ["answers of the same form", "id,predictedClass,clear\nb,clear,0.1\n", hasHeadOf(predictions), true],
  ["another table", "id,predictedClass,clear,note\nb,clear,0.1,x\n", hasHeadOf(predictions), false],
  ["a mask", "mask", hasHeadOf(new Uint8Array(4)), false],
  ["a plan", "# Planned from the data\n", undefined, false],
  ["an empty file", "", undefined, true],
])("%s may be replaced or not", async (_, content, isOwn, may) => {
  const path = join(folder, "file");
  await writeFile(path, content);
  const asked = { flag: "--out", ...(isOwn === undefined ? {} : { isOwn }) };
  const refused = refuseExisting(path, { ...asked, overwrite: undefined });
  if (may) await refused;
  else
    await expect(refused).rejects.toMatchObject({
      code: "output-not-writable",
      where: path,
      fix: expect.stringContaining("--overwrite") as string,
    });
  await refuseExisting(path, { ...asked, overwrite: true });
  await rm(path);
  await refuseExisting(path, asked);
});

it("takes a link for something else, and does not speak of a flag that is not there", async () => {
  await symlink(join(folder, "nowhere"), join(folder, "link"));
  const refused = refuseExisting(join(folder, "link"), { flag: "--result", isOwn: () => true });
  await expect(refused).rejects.toMatchObject({ fix: "choose another place with --result" });
});
