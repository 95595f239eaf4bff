/** Recipes in which a language model is asked beside networks that are trained. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { failureOf, makeFolder } from "./recipe.test.helper.ts";
import { readReport, run } from "./run.test.helper.ts";
import type { RecipeInput } from "./schema.ts";
import { showPrompts } from "./show-prompts.node.ts";
import type { RunEvent } from "./stages/events.ts";

/** A word that no template holds, so that what is sent shows. */
const secret = "Mr. Zebedee";
const signs = { acute: ["fever", "chills", "rash"], chronic: ["fatigue", "stiffness", "wheeze"] } as const;

/** Short notes of two classes, each with words of its own. */
function notes(count: number, split: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2 === 0 ? "acute" : "chronic";
    const [one, other] = [signs[label][i % 3]!, signs[label][(i + 1) % 3]!];
    return `${split}-${i},"${secret} has ${one} and ${other}",${label},${split}`;
  });
}

/** What the server heard. */
const heard: { readonly authorization: string | undefined; readonly content: string }[] = [];
let server: Server;
let data: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { messages } = JSON.parse(body) as { readonly messages: readonly { readonly content: string }[] };
      const content = messages.map((message) => message.content).join("\n");
      heard.push({ authorization: request.headers.authorization, content });
      const asked = messages.at(-1)!.content;
      const says = signs.acute.some((sign) => asked.includes(sign)) ? "acute" : "chronic";
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          choices: [{ message: { role: "assistant", content: `The answer is ${says}.` }, finish_reason: "stop" }],
          usage: { prompt_tokens: 10, completion_tokens: 4 },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  heard.length = 0;
  data = await makeFolder();
  await mkdir(join(data, "notes"));
  const rows = [...notes(24, "train"), ...notes(8, "validation")];
  await writeFile(join(data, "notes/notes.csv"), ["id,text,label,split", ...rows].join("\n"));
});
const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;

type Method = NonNullable<RecipeInput["adaptation"]>["methods"][number];
const recipeOf = (...methods: Method[]): RecipeInput => ({
  name: "notes",
  data: {
    task: {
      dataset: "notes",
      reader: "table",
      columns: { text: { kind: "texts", from: "text" }, label: { kind: "classes", from: "label" } },
      leakage: "allow-identical",
    },
  },
  backbone: {
    name: "gpt2",
    preset: "nano",
    width: 16,
    depth: 1,
    heads: 2,
    contextLength: 32,
    encoders: { text: { tokenizer: { name: "words" }, maximumLength: 32 } },
  },
  pretraining: { objective: { name: "nextToken" }, steps: 1, batchSize: 4 },
  task: { name: "classification" },
  adaptation: { methods },
  evaluation: { resamples: 20 },
});
const own: Method = { name: "prompting", label: "own", columns: ["text"], strategy: { name: "verbalizers" } };
const endpoint = (more: object = {}, model: object = {}): Method => ({
  name: "prompting",
  label: "asked",
  columns: ["text"],
  model: { name: "endpoint", url: `http://${host()}/v1`, model: "small", keyVariable: "VESALIUS_TEST_KEY", ...model },
  ...more,
});

/** Everything that a run wrote, as one text. */
async function written(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile() && /\.(?:json|jsonl|yaml|html|csv)$/.test(file.name))
    .map((file) => readFile(join(file.parentPath, file.name), "utf8"));
  return (await Promise.all(texts)).join("\n");
}

it("the recipe's own backbone is asked beside a method that trains, on the same cases", async () => {
  const out = join(await makeFolder(), "run");
  await run(recipeOf({ name: "fullFineTuning", steps: 1, batchSize: 4 }, own), { data, out });
  const report = await readReport(out);
  expect(report.methods.map(({ method, trainedParameters }) => [method, trainedParameters > 0])).toEqual([
    ["fullFineTuning", true],
    ["own", false],
  ]);
  for (const { metrics } of report.methods) expect(metrics["accuracy"]!.lower).not.toBeNull();
  expect(report.comparisons.map(({ method, reference }) => [method, reference])).toEqual([["own", "fullFineTuning"]]);
  const stage = report.stages.find((one) => one.stage === "evaluation/own-seed0");
  // Eight questions, and three texts without content that the prior is read from.
  expect(stage).toMatchObject({ cases: 8, counts: { prompts: { asked: 11, tooLong: 0 } } });
  expect(await readFile(join(out, "report.html"), "utf8")).toContain("Methods that train nothing");
  expect(await readFile(join(out, "models/own-seed0/answering.json"), "utf8")).toContain('"strategy": "verbalizers"');
}, 60_000);

describe("a service", () => {
  beforeAll(() => (process.env["VESALIUS_TEST_KEY"] = "sk-very-secret"));
  afterAll(() => delete process.env["VESALIUS_TEST_KEY"]);

  it("is asked only where its host was allowed, and what is known of patients and keys stays out of records", async () => {
    const folder = await makeFolder();
    const { pretraining: _none, ...recipe } = recipeOf(
      endpoint({ strategy: { name: "nearestExamples", examples: 2 } }),
    );
    const error = await failureOf(() => run(recipe, { data, out: join(folder, "refused") }));
    expect(error).toMatchObject({ code: "bad-argument", where: "method asked" });
    expect(error.what).toContain(host());
    expect(error.fix).toContain("allowEndpoint");
    expect(existsSync(join(folder, "refused"))).toBe(false);
    expect(heard).toEqual([]);

    const events: RunEvent[] = [];
    const out = join(folder, "run");
    await run(recipe, { data, out, allowEndpoint: [host()], onEvent: (event) => events.push(event) });
    expect(heard).toHaveLength(8);
    expect(heard[0]!.authorization).toBe("Bearer sk-very-secret");
    const report = await readReport(out);
    expect(report.methods[0]!.metrics["accuracy"]!.value).toBe(1);
    const adapted = report.stages.find(({ kind }) => kind === "adaptation");
    expect(adapted).toMatchObject({
      settings: { strategy: "nearestExamples", model: { name: "endpoint", model: "small" } },
      examples: 24,
    });
    const evaluated = report.stages.find(({ kind }) => kind === "evaluation");
    expect(evaluated).toMatchObject({ counts: { prompts: { asked: 8, promptTokens: 80, answerTokens: 32 } } });
    expect(events).toContainEqual(
      expect.objectContaining({ type: "caution", text: expect.stringContaining(`sent to ${host()}`) as string }),
    );
    const everything = `${await written(out)}${JSON.stringify(events)}`;
    expect(everything).not.toContain("sk-very-secret");
    expect(everything).not.toContain("Zebedee");
    // The same run again asks nothing.
    await run(recipe, { data, out, allowEndpoint: [host()] });
    expect(heard).toHaveLength(8);
  }, 60_000);

  it("sees texts without names where that is asked for, and what it would see is shown without sending it", async () => {
    const recipe = recipeOf(endpoint({ system: "You are a doctor." }, { deidentify: true }));
    const [shown, ...others] = await showPrompts(recipe, { data }, 2);
    expect(others).toEqual([]);
    expect(shown).toMatchObject({ method: "asked", sentTo: host() });
    expect(heard).toEqual([]);
    expect(shown!.prompts).toHaveLength(2);
    expect(shown!.prompts[0]).toEqual([
      { role: "system", content: "You are a doctor." },
      {
        role: "user",
        content: "Mr. [NAME] has fever and chills\n\nWhich one is it?\n(A) acute\n(B) chronic",
      },
    ]);
    const { pretraining: _none, ...rest } = recipe;
    await run(rest, { data, out: join(await makeFolder(), "run"), allowEndpoint: [host()] });
    expect(heard[0]!.content).toBe(shown!.prompts[0]!.map(({ content }) => content).join("\n"));
    expect(heard.some(({ content }) => content.includes("Zebedee"))).toBe(false);
  }, 60_000);
});

describe("is refused before anything is computed", () => {
  it.each<[string, Method, RegExp]>([
    ["a column that holds the answer", { ...own, columns: ["text", "label"] }, /column label holds the answer/],
    ["a column that is not there", { ...own, columns: ["note"] }, /no column note to ask about/],
    ["a template with another field", { ...own, template: "{text} {age}" }, /names a field age/],
    ["a setting of training", { ...own, learningRate: 0.1 }, /trains nothing.*learningRate would change nothing/],
    [
      "likelihoods of a service, which tells none",
      { ...own, model: { name: "endpoint", url: "https://service.example/v1", model: "m" } },
      /does not say how likely an answer is/,
    ],
    ["a model that is not there", { ...own, model: { name: "folder", folder: "no-such-model" } }, /no-such-model/],
    [
      "a key that is not there",
      {
        ...own,
        strategy: { name: "zeroShot" },
        model: { name: "endpoint", url: "https://service.example/v1", model: "m", keyVariable: "VESALIUS_NO_SUCH_KEY" },
      },
      /no VESALIUS_NO_SUCH_KEY/,
    ],
  ])("%s", async (_, method, words) => {
    const out = join(await makeFolder(), "run");
    const error = await failureOf(() => run(recipeOf(method), { data, out, allowEndpoint: ["service.example"] }));
    expect(error.message).toMatch(words);
    expect(existsSync(out)).toBe(false);
  });
});
