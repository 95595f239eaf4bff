/** Commands on data of other people: divided on the command line, of another size, with files that are not read. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFolder, objectOn, vesalius } from "./command-line.test.helper.ts";

const patient = (i: number): string => `p${Math.floor(i / 2)}_${i}.png`;

describe("data without splits", () => {
  let films: string;
  beforeAll(async () => {
    films = join(await makeFolder(), "films");
    for (const [at, name] of ["clear", "opacity"].entries()) {
      await mkdir(join(films, name), { recursive: true });
      for (let i = 0; i < 12; i++) {
        const pixels = Buffer.alloc(3 * 24 * 24, 9 * (2 * i + at));
        const file = join(films, name, `${name}-${patient(i)}`);
        await sharp(pixels, { raw: { width: 24, height: 24, channels: 3 } })
          .png()
          .toFile(file);
      }
      await writeFile(join(films, name, "scan.dcm"), "x");
    }
  });

  it("are described with a division that keeps groups together, and with what is left out", async () => {
    const ended = await vesalius("data", films, "--split", "60/20/20", "--option", "groupPattern=p\\d+_", "--json");
    const { splits, cautions } = objectOn(ended) as unknown as {
      splits: Record<string, { length: number; groups: number }>;
      cautions: string[];
    };
    expect(Object.keys(splits)).toEqual(["train", "validation", "test"]);
    for (const { length, groups } of Object.values(splits)) expect(length).toBe(4 * groups);
    expect(cautions).toEqual([
      "2 files were left out: 2 .dcm.",
      "The data came without splits and were divided 60/20/20 with seed 0.",
    ]);
  });

  it("are taken by adapt at the size that is asked for, and it says what that loses", async () => {
    const flags = ["--split", "60/20/20", "--method", "scratch", "--set", "adaptation.steps=1"];
    const out = join(films, "../run");
    const ended = await vesalius("adapt", films, ...flags, "--set", "backbone.imageSize=9", "--smoke", "--out", out);
    expect(ended.stderr).toContain("caution: films: 2 files were left out: 2 .dcm.");
    expect(ended.stderr).toMatch(
      /caution: films: Images of 24 x 24 colour read as 9 x 9 colour \(\d+\): the network's imageSize/,
    );
    expect(ended.code).toBe(0);
  }, 60_000);
});
