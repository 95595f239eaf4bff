import { readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "vesalius/common";
import {
  hasChromium,
  openInChromium,
  type OpenPage,
} from "../../packages/vesalius/dist/runtime/suite/chromium.test.helper.js";
import { buildPages, requestsElsewhere } from "./build-page.test.helper.ts";
import { headers } from "./headers.ts";

let folder: string;

/** The page with few images and epochs filled in. */
async function openPage(viewport?: { width: number; height: number }): Promise<OpenPage> {
  const opened = await openInChromium({ folders: { "/": folder }, headers }, viewport);
  const { page } = opened;
  await page.getByLabel("Training images").fill("96");
  await page.getByLabel("Epochs without labels").fill("3");
  await page.getByLabel("Epochs with labels").fill("3");
  await page.getByLabel("Rank of the updates").fill("4");
  return opened;
}

describe.skipIf(!hasChromium)("the page in headless Chromium (skipped where /usr/bin/chromium is absent)", () => {
  beforeAll(async () => {
    folder = await buildPages();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(["Processor", "Graphics processor"])("trains on the %s", { timeout: 480_000 }, async (provider) => {
    const opened = await openPage();
    if (provider === "Graphics processor") {
      // Without a graphics processor WebGPU is emulated, at seconds a step.
      await opened.page.getByLabel("Training images").fill("40");
      await opened.page.getByLabel("Epochs without labels").fill("1");
      await opened.page.getByLabel("Epochs with labels").fill("1");
    }
    const { page, errors, requests, origin } = opened;
    try {
      await page.getByRole("radio", { name: new RegExp(`^${provider}`) }).check();
      await page.getByRole("button", { name: "Train" }).click();
      const first: number[] = [];
      const losses = page.locator("#pretraining-loss");
      await page.waitForFunction(() => document.querySelector("#pretraining-loss")!.textContent !== "–");
      first.push(Number(await losses.textContent()));
      await page.getByRole("heading", { name: "Result" }).waitFor({ timeout: 450_000 });
      const last = Number(await losses.textContent());
      expect(last).toBeGreaterThan(0);
      if (provider === "Processor") expect(last).toBeLessThan(first[0]!);
      expect(await page.locator("#plot polyline").count()).toBe(2);
      expect(await page.locator("#figures dd").first().textContent()).toMatch(
        /^[01]\.\d{3} \([01]\.\d{3}–[01]\.\d{3}\)$/,
      );
      expect(await page.locator("#status").textContent()).toContain(
        provider === "Processor" ? "web-wasm" : "web-webgpu",
      );

      const saved: Buffer[] = [];
      for (const name of ["adapter_model.safetensors", "adapter_config.json"]) {
        const started = page.waitForEvent("download");
        await page.getByRole("link", { name: `Save ${name}` }).click();
        saved.push(await readFile(await (await started).path()));
      }
      const { tensors } = readSafetensors(saved[0]!, "adapter_model.safetensors");
      expect(tensors.get("base_model.model.blocks.0.attn.qkv.lora_A.weight")!.shape).toEqual([4, 64]);
      expect(JSON.parse(saved[1]!.toString("utf8"))).toMatchObject({ peft_type: "LORA", r: 4 });

      expect(errors).toEqual([]);
      expect(requestsElsewhere(requests, origin)).toEqual([]);
    } finally {
      await opened.close();
    }
  });

  test("may not send anything to another origin", async () => {
    const opened = await openPage();
    try {
      const sent = await opened.page.evaluate(() =>
        fetch("https://example.org/").then(
          () => "sent",
          () => "refused",
        ),
      );
      expect(sent).toBe("refused");
      expect(opened.errors.join()).toContain("Content Security Policy");
    } finally {
      await opened.close();
    }
  });

  test("fits a phone, works by keyboard and stops", async () => {
    const opened = await openPage({ width: 360, height: 740 });
    const { page } = opened;
    try {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      await page.getByLabel("Epochs without labels").fill("500");
      await page.getByLabel("Rank of the updates").focus();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.querySelector("#pretraining-loss")!.textContent !== "–");
      await page.getByRole("button", { name: "Stop" }).focus();
      await page.keyboard.press("Enter");
      expect(await page.locator("#status").textContent()).toBe("Stopped.");
      expect(await page.getByRole("button", { name: "Train" }).isEnabled()).toBe(true);
    } finally {
      await opened.close();
    }
  });

  test("says what is wrong with files", async () => {
    const opened = await openPage();
    const { page } = opened;
    try {
      await page.getByRole("radio", { name: /My own files/ }).check();
      await page.getByLabel("An archive").setInputFiles({
        name: "broken.npz",
        mimeType: "application/zip",
        buffer: Buffer.from("no archive"),
      });
      await page.getByRole("button", { name: "Train" }).click();
      await page.locator("#status.failed").waitFor();
      expect(await page.locator("#status").textContent()).toContain("broken.npz");
    } finally {
      await opened.close();
    }
  });
});
