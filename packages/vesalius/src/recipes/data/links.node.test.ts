import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VesaliusError } from "../../common/errors.ts";
import { checkWeightLinks } from "./links.node.ts";

const put = async (path: string): Promise<void> => writeFile(path, "{}");
let root: string;
let run: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "vesalius-links-")));
  run = join(root, "run");
  await mkdir(join(run, "weights"), { recursive: true });
  await mkdir(join(root, "secret"));
  await Promise.all([put(join(run, "weights", "config.json")), put(join(root, "secret", "config.json"))]);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const failure = (weights: string): Promise<VesaliusError> =>
  checkWeightLinks(weights, run).then(
    () => expect.fail("it was taken"),
    (error: unknown) => error as VesaliusError,
  );

describe("weights that a recipe names", () => {
  it("are read from folders, and through links that stay inside", async () => {
    await symlink(join(run, "weights"), join(run, "linked"));
    await symlink(join(run, "weights", "config.json"), join(run, "weights", "copy.json"));
    await checkWeightLinks("weights", run);
    await checkWeightLinks("linked", run);
    await checkWeightLinks("absent", run);
  });

  it("are refused where the folder or a file of it is a link that leads out, with what allows it", async () => {
    await symlink(join(root, "secret"), join(run, "linked"));
    await symlink(join(root, "secret", "config.json"), join(run, "weights", "model.safetensors"));
    for (const weights of ["linked", "weights"]) {
      const error = await failure(weights);
      expect(error.code).toBe("bad-argument");
      expect(error.message).toContain("leads out of the folder of the run");
      expect(error.fixAs((name) => `--${name}`)).toContain("--followLinks");
    }
  });

  it("are the user's own where they are absolute or lie upwards, since recipes' files name none such", async () => {
    await symlink(join(root, "secret"), join(run, "linked"));
    await checkWeightLinks(join(run, "linked"), run);
    await checkWeightLinks("../secret", run);
  });
});
