/** Commands around a run: run, predict, evaluate, export, adapt, and stages that runs share. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFolder, objectOn, recipeText, start, vesalius } from "./command-line.test.helper.ts";

interface Predicted {
  readonly predictions: { readonly id: string; readonly answer: { readonly probabilities: Record<string, number> } }[];
}

describe("a recipe from start to end", () => {
  let folder: string;
  let model: string;
  let outcome: Record<string, unknown>;
  beforeAll(async () => {
    folder = await makeFolder();
    const file = join(folder, "recipe.yaml");
    await writeFile(file, recipeText());
    const ended = await vesalius(
      "run",
      file,
      "--out",
      join(folder, "run"),
      "--stages",
      join(folder, "stages"),
      "--json",
      "--threads",
      "1",
      "--watts-per-core",
      "7",
    );
    expect(ended).toMatchObject({ code: 0 });
    outcome = objectOn(ended);
    model = join(folder, "run/models/lora-seed5");
    expect(ended.stderr).toContain("[1/5] pretraining");
    expect(ended.stderr).toMatch(/pretraining {2}8\/8 \(100%\) {2}loss \d\.\d+ {2}\d+ images\/s/);
  });

  it("run prints the summary and where the report is", async () => {
    expect(outcome).toMatchObject({
      folder: join(folder, "run"),
      summary: {
        name: "tiny",
        synthetic: true,
        smoke: false,
        metric: { name: "rocAuc", label: "ROC AUC", better: "higher" },
        energy: { assumptions: { wattsPerCore: 7 } },
      },
    });
    expect(existsSync(String(outcome["report"]))).toBe(true);
    const environment = JSON.parse(await readFile(join(folder, "run/environment.json"), "utf8")) as { threads: number };
    expect(environment.threads).toBe(1);
  });

  it("predict gives each image's answer as a table, a file and JSON, with the notice", async () => {
    const images = join(folder, "films");
    await mkdir(images);
    for (const grey of [20, 200])
      await sharp(Buffer.alloc(400, grey), { raw: { width: 20, height: 20, channels: 1 } })
        .toColourspace("b-w")
        .png()
        .toFile(join(images, `film-${grey}.png`));
    const text = await vesalius("predict", model, images);
    expect(text.stdout).toMatch(/^id +class +clear +opacity\nfilm-20.png +(clear|opacity) +0\.\d+ +0\.\d+\n/);
    expect(text.stderr).toContain("Research use only");
    const csv = (await vesalius("predict", model, images, "--print")).stdout.trimEnd().split("\n");
    expect(csv[0]).toBe("id,predictedClass,clear,opacity");
    expect(csv).toHaveLength(3);
    const out = join(folder, "answers");
    const json = objectOn(
      await vesalius("predict", model, join(images, "film-20.png"), "--out", out, "--json"),
    ) as unknown as Predicted;
    expect(json).toMatchObject({
      notice: expect.stringContaining("Research use only") as string,
      files: [join(out, "predictions.csv")],
    });
    const { clear, opacity } = json.predictions[0]!.answer.probabilities;
    expect(clear! + opacity!).toBeCloseTo(1, 6);
    expect(csv[1]).toBe(`film-20.png,${clear! > opacity! ? "clear" : "opacity"},${clear},${opacity}`);
    expect((await readFile(join(out, "predictions.csv"), "utf8")).trimEnd().split("\n")[1]).toBe(csv[1]);
  });

  it("predict says what the model reads where the input is something else", async () => {
    const ended = await start(["predict", model, "-", "--json"], { input: "No acute findings." }).ended;
    expect(ended.code).toBe(1);
    expect(objectOn(ended)).toMatchObject({
      error: { code: "bad-data", message: "the model reads image (images), and the data have text (texts)" },
    });
    const note = join(folder, "note.txt");
    await writeFile(note, "No acute findings.\nNo effusion.\n");
    const lines = await vesalius("predict", model, note, "--lines", "--json");
    expect(objectOn(lines)).toMatchObject({
      error: { code: "bad-data", message: expect.stringContaining("have text") },
    });
  });

  it("evaluate leaves a report and prints the metrics", async () => {
    const out = join(folder, "evaluation");
    const ended = await vesalius(
      "evaluate",
      model,
      "synthetic-radiographs",
      "--option",
      "count={ train: 16, validation: 60 }",
      "--out",
      out,
      "--resamples",
      "20",
      "--json",
    );
    expect(ended.code).toBe(0);
    expect(objectOn(ended)).toMatchObject({
      split: "validation",
      count: 60,
      task: "classification",
      metrics: { rocAuc: { value: expect.any(Number) as number } },
    });
    expect(await readFile(join(out, "report.html"), "utf8")).toContain("Synthetic data");
    expect(JSON.parse(await readFile(join(out, "report.json"), "utf8"))).toMatchObject({ kind: "classification" });
  });

  it("evaluate refuses a split that the data do not have", async () => {
    const ended = await vesalius(
      "evaluate",
      model,
      "synthetic-radiographs",
      "--option",
      "imageSize=16",
      "--split",
      "tests",
      "--json",
    );
    expect(ended.code).toBe(1);
    expect(objectOn(ended)).toMatchObject({
      error: { code: "bad-argument", fix: "choose one with --split: train, validation" },
    });
  });

  it("evaluate takes data of other names, and refuses other classes unless they are mapped", async () => {
    const data = join(folder, "other");
    for (const [name, grey] of [
      ["healthy", 30],
      ["opacity", 90],
    ] as const)
      for (let i = 0; i < 6; i++) {
        await mkdir(join(data, "test", name), { recursive: true });
        await sharp(Buffer.alloc(256, grey + i), { raw: { width: 16, height: 16, channels: 1 } })
          .toColourspace("b-w")
          .png()
          .toFile(join(data, "test", name, `${i}.png`));
      }
    const command = ["evaluate", model, data, "--split", "test", "--resamples", "20", "--out", join(folder, "mapped")];
    const refused = await vesalius(...command, "--json");
    expect(refused.code).toBe(1);
    expect(objectOn(refused)).toMatchObject({ error: { code: "bad-data" } });
    const mapped = await vesalius(...command, "--class", "healthy=clear", "--json");
    expect(objectOn(mapped)).toMatchObject({ split: "test", count: 12 });
  });

  it("export writes an ONNX file that was checked", async () => {
    const file = join(folder, "model.onnx");
    const ended = await vesalius("export", model, "--onnx", file, "--batch-size", "3", "--json");
    const result = objectOn(ended) as { largestDifference: number; inputs: Record<string, { shape: number[] }> };
    expect(result.inputs["image.pixels"]?.shape).toEqual([3, 1, 16, 16]);
    expect(result.largestDifference).toBeLessThan(1e-4);
    expect((await readFile(file)).length).toBeGreaterThan(1000);
  });

  it("adapt takes the backbone that the run pretrained", async () => {
    const backbone = join(folder, "run/pretraining");
    const out = join(folder, "adapted");
    const count = ["--option", "count={ train: 64, validation: 32 }"];
    const command = ["adapt", "synthetic-radiographs", "--option", "imageSize=16", ...count, "--backbone", backbone];
    const ended = await vesalius(
      ...command,
      "--method",
      "linearProbe",
      "--set",
      "adaptation.epochs=1",
      "--out",
      out,
      "--json",
    );
    expect(objectOn(ended)).toMatchObject({ summary: { methods: [{ method: "linearProbe" }] } });
    expect(existsSync(join(out, "models/linearProbe-seed0/model.onnx"))).toBe(true);
    expect(ended.stderr).toMatch(/^backbone: reads image \(images\); [\d\s]+ parameters$/m);
  });

  it("run --smoke goes from data to report in seconds, and --result leaves the row of a table", async () => {
    const file = join(folder, "result.json");
    const out = join(folder, "smoke");
    const ended = await start(["run", "--smoke", "--out", out, "--result", file, "--json"]).ended;
    expect(objectOn(ended)).toMatchObject({ summary: { smoke: true } });
    expect(await readFile(join(out, "report.html"), "utf8")).toContain("smoke test");
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      recipe: "synthetic-radiographs",
      metric: "ROC AUC",
    });
  });

  it("refuses to go on with another recipe in the same folder", async () => {
    const ended = await vesalius(
      "run",
      join(folder, "recipe.yaml"),
      "--out",
      join(folder, "run"),
      "--seed",
      "6",
      "--json",
    );
    expect(objectOn(ended)).toMatchObject({ error: { code: "bad-configuration", where: join(folder, "run") } });
  });

  it("takes stages from another run: a changed title and other methods pretrain nothing again, unless asked to", async () => {
    const second = join(folder, "second.yaml");
    await writeFile(
      second,
      recipeText({ title: "Another title", adaptation: { epochs: 1, methods: [{ name: "linearProbe" }] } }),
    );
    const command = ["run", second, "--stages", join(folder, "stages")];
    const ended = await vesalius(...command, "--out", join(folder, "shared"));
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain("pretraining: taken from another run");
    expect(await readFile(join(folder, "shared/pretraining/backbone.safetensors"))).toEqual(
      await readFile(join(folder, "run/pretraining/backbone.safetensors")),
    );
    const titled = join(folder, "titled.yaml");
    await writeFile(titled, recipeText({ title: "A third title" }));
    const again = await vesalius("run", titled, "--out", join(folder, "run"));
    expect(again.stderr.match(/finished earlier/g)).toHaveLength(5);
    const fresh = await vesalius(...command, "--out", join(folder, "fresh"), "--fresh");
    expect(fresh.stderr).not.toContain("taken from another run");
  }, 120_000);
});
