import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unreadKeys, unreadKeysCaution } from "./dataset-card.ts";
import { open, refused } from "./readers/readers.test.helper.ts";

const root = process.env["VESALIUS_DATA"];
const table = { "x.csv": "id,label\na,yes\nb,no\nc,yes\nd,no\n" };
const withCard = (card: object) => ({ ...table, "dataset.json": JSON.stringify({ name: "x", ...card }) });

describe("keys of dataset.json", () => {
  it("that nothing reads are named once, with their number where there are many", async () => {
    const { card } = await open(withCard({ foo: 1, channel_names: {}, source: "a", group: "id" }));
    expect(card.cautions).toEqual(["Nothing reads 2 keys of dataset.json: foo, channel_names."]);
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`z${i}`, 1]));
    const start = process.cpuUsage();
    const [caution] = unreadKeysCaution(unreadKeys(many, "dataset.json"));
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(2);
    expect(caution).toMatch(/^Nothing reads 100000 keys .* z9 and 99990 more\.$/);
  });

  it("that are nearly one that is read are refused with the one that was meant", async () => {
    for (const [key, meant] of [
      ["label", "labels"],
      ["groupingkey", "groupingKey"],
      ["licenc", "licence"],
      ["restrictd", "restricted"],
    ] as const) {
      const error = await refused(withCard({ [key]: "x" }));
      expect(error.code).toBe("bad-configuration");
      expect(error.message).toContain(`${key}: unknown key; did you mean ${meant}?`);
    }
  });

  it("are read in American spelling too", async () => {
    const { card } = await open(withCard({ license: "CC0" }));
    expect(card.licence).toBe("CC0");
    expect(card.cautions).toEqual([]);
  });

  it.skipIf(root === undefined)("of every dataset at hand are known", async () => {
    const strange: string[] = [];
    let found = 0;
    for (const part of await readdir(root!))
      for (const name of await readdir(join(root!, part)).catch((): string[] => [])) {
        const text = await readFile(join(root!, part, name, "dataset.json"), "utf8").catch(() => undefined);
        if (text === undefined) continue;
        found++;
        strange.push(...unreadKeys(JSON.parse(text) as object, name).map((key) => `${name}: ${key}`));
      }
    expect(strange).toEqual([]);
    expect(found).toBeGreaterThan(0);
  });
});
