/** Report generation as the command line opens it: templates and models from files. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapt, scratch } from "../../../adaptation/index.node.ts";
import { randomStream } from "../../../common/random.ts";
import { classesColumn, type Split, textsColumn } from "../../../data/index.ts";
import { architectures, type Backbone } from "../../../models/index.ts";
import { classification, generation, type Task } from "../../../tasks/index.ts";
import { applications } from "../../applications.node.ts";

const entry = applications.entry("report-generation");
const open = (settings: object) =>
  entry.create(applications.parse({ name: "report-generation", ...settings }) as never);

const complaints = ["cough", "fever", "nausea", "rash"];
const transcript = "Doctor: What is wrong?\nPatient: A cough, a bad cough.";

/** Conversations with their sections and notes. */
function visits(length: number): Split {
  const stream = randomStream(3, "notes");
  const drawn = Array.from({ length }, () => ({ what: complaints[stream.integer(4)]!, drug: stream.uniform() < 0.5 }));
  const columns = {
    dialogue: textsColumn(
      drawn.map(({ what, drug }) =>
        drug
          ? `Doctor: Which pill?\nPatient: One against ${what}.`
          : `Doctor: What is wrong?\nPatient: A ${what}, a bad ${what}.`,
      ),
    ),
    note: textsColumn(drawn.map(({ what, drug }) => (drug ? `pill against ${what}` : `bad ${what}`))),
    claim: textsColumn(drawn.map(({ what }) => `bad ${what}`)),
    evidence: textsColumn(drawn.map(({ what, drug }) => (drug ? "never heard of it" : `a ${what} said the patient`))),
    label: classesColumn(
      ["GENHX", "MEDICATIONS"],
      drawn.map(({ drug }) => Number(drug)),
    ),
    verdict: classesColumn(
      ["Supports", "Refutes"],
      drawn.map(({ drug }) => Number(drug)),
    ),
  };
  return { name: "train", length, ids: drawn.map((_, i) => String(i)), groups: undefined, attributes: {}, columns };
}

const tokenizer = { name: "words", lowercase: true };
const bert = (text: readonly string[]): Backbone => ({
  network: architectures.create({
    name: "bert",
    width: 32,
    depth: 1,
    heads: 2,
    hiddenWidth: 64,
    maximumPositions: 40,
    initializerRange: 0.15,
    pooling: "mean",
  }),
  weights: undefined,
  preparation: undefined,
  columns: { text },
  encoders: { text: { tokenizer, ...(text.length > 1 ? { pair: true } : {}) } },
});
const gpt2: Backbone = {
  network: architectures.create({ name: "gpt2", width: 32, depth: 1, heads: 2, contextLength: 48 }),
  weights: undefined,
  preparation: undefined,
  encoders: { text: { tokenizer, maximumLength: 48 } },
};

describe("a template and models from files", () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-notes-"));
    const data = visits(64);
    const options = { data, method: scratch(), epochs: 8, batchSize: 16, learningRate: 1e-2, seed: 1, workers: 0 };
    const save = async (name: string, backbone: Backbone, task: Task, epochs = options.epochs): Promise<void> => {
      const model = await adapt(backbone, task, { ...options, epochs });
      await model.save(at(name));
      await model.release();
    };
    const classes = ["GENHX", "MEDICATIONS"];
    await save("sections", bert(["dialogue"]), classification({ classes }));
    await save(
      "judge",
      bert(["claim", "evidence"]),
      classification({ column: "verdict", classes: ["Supports", "Refutes"] }),
      14,
    );
    await save("writer", gpt2, generation({ prompt: "{dialogue}", column: "note", maximumAnswerTokens: 6 }));
    await writeFile(
      at("template.yaml"),
      "name: short\notherwise: GENHX\nsections:\n  - { name: GENHX, title: History }\n  - { name: MEDICATIONS, cues: [pill] }\n",
    );
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));

  it("writes by a trained model, checks it, and judges it by another one", async () => {
    const application = await open({
      template: at("template.yaml"),
      model: at("writer"),
      sections: at("sections"),
      judge: at("judge"),
    });
    const response = await application.respond({ transcript });
    expect(response.sections).toMatchObject([
      { name: "GENHX", title: "History", sentences: [{ text: "bad cough", supported: true, sources: ["T1", "T2"] }] },
    ]);
    expect(response.sections[0]!.sentences[0]!.probability).toBeGreaterThan(0.5);
    expect(entry.show(response)).toMatch(/HISTORY\n {2}bad cough \[T1, T2\]\n[\s\S]*\[T2\] Patient: A cough/);
    await application.release();
  });

  it("chooses sections by a trained model", async () => {
    const application = await open({ template: at("template.yaml"), sections: at("sections") });
    const { sections } = await application.respond({ transcript: "Doctor: Which pill?\nPatient: One against rash." });
    expect(sections.map(({ name }) => name)).toEqual(["MEDICATIONS"]);
    await application.release();
  });

  it("marks for people what is not supported", async () => {
    const response = await (await open({})).respond({ transcript });
    const [first, ...others] = response.sections;
    const marked = { ...first!.sentences[0]!, supported: false, flags: [{ kind: "dose" as const, text: "5 mg" }] };
    const shown = entry.show({
      ...response,
      sections: [{ ...first!, sentences: [marked], omitted: [marked] }, ...others],
    });
    expect(shown).toMatch(/^! .*UNSUPPORTED: dose not in the source \(5 mg\)$/m);
    expect(shown).toContain("(1 unsupported sentences left out)");
    expect(shown).toContain("not medical advice");
  });

  it("shows what a service would be asked, and sends nothing", async () => {
    const application = await open({ endpoint: { url: "http://127.0.0.1:9/v1", model: "m" }, preview: true });
    const response = await application.respond({ transcript });
    expect(response.prompts[0]!.messages[1]!.content).toContain("Patient: A cough, a bad cough.");
    expect(entry.show(response)).toMatch(/Would be sent for \w+:/);
  });

  it.each([
    [{ model: "sections" }, /writes no notes/],
    [{ sections: "writer" }, /does generation/],
    [{ sections: "judge" }, /no sections of the template/],
    [{ judge: "sections" }, /does not say whether/],
    [{ template: "missing.yaml" }, /missing.yaml/],
    [{ template: "broken.yaml" }, /neither JSON nor YAML/],
  ])("refuses %j", async (settings, message) => {
    await writeFile(at("broken.yaml"), "a: [");
    const inFolder = Object.fromEntries(Object.entries(settings).map(([key, name]) => [key, at(name)]));
    await expect(open(inFolder)).rejects.toThrow(message);
  });

  it.each([
    [{ model: "m", endpoint: { url: "https://service.example/v1", model: "m" } }, /both to write/],
    [{ preview: true }, /no service/],
    [{ endpoint: { url: "http://service.example/v1", model: "m" } }, /unencrypted/],
  ])("refuses %j before anything is opened", async (settings, message) => {
    await expect(open(settings)).rejects.toThrow(message);
  });
});
