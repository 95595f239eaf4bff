import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClassificationAnswer } from "../../../evaluation/index.ts";
import type { Model } from "../../../tasks/index.ts";
import { diagnose } from "./diagnose.ts";
import { basisOf, diagnosisEntry } from "./diagnosis.node.ts";
import { codes, findingsNetwork, textNetwork, timelineNetwork } from "./diagnosis.test.helper.ts";
import { fromText } from "./text-basis.ts";
import { fromTimeline } from "./timeline-basis.ts";

const present = (...names: string[]) => names.map((name) => ({ name, state: "present" as const }));
const absent = (...names: string[]) => names.map((name) => ({ name, state: "absent" as const }));

let model: Model<ClassificationAnswer>;
let folder: string;
beforeAll(async () => {
  [model, folder] = [await findingsNetwork(), await mkdtemp(join(tmpdir(), "vesalius-diagnosis-"))];
});
afterAll(async () => {
  await model.release();
  await rm(folder, { recursive: true });
});

describe("diagnosis from findings", () => {
  const open = (threshold = 0.75) => diagnose({ basis: basisOf(model), threshold });

  it("ranks conditions with the findings for and against", async () => {
    const response = await open().respond({
      findings: [...present("fever", "rash", "headache"), ...absent("runny nose")],
    });
    expect(response).toMatchObject({
      status: "answered",
      basis: "findings",
      conditions: [{ name: "measles" }, {}, {}],
    });
    const [measles, ...others] = response.conditions;
    expect(measles!.for[0]).toMatchObject({ name: "rash", state: "present" });
    expect(others.find(({ name }) => name === "flu")!.against[0]).toMatchObject({ name: "rash" });
    expect(others.find(({ name }) => name === "cold")!.against.map(({ name }) => name)).toContain("fever");
    const total = response.conditions.reduce((sum, { probability }) => sum + probability, 0);
    expect(total).toBeCloseTo(1, 5);
    expect(response.notice).toContain("not medical advice");
  });

  it("asks for what tells most, and declines until it is known", async () => {
    const fever = await open().respond({ findings: present("fever") });
    expect(fever).toMatchObject({ status: "declined", question: { finding: "rash" } });
    expect(fever.reason).toMatch(/below the 75%.*rash/);
    const gains = await open().respond({ findings: present("fever", "rash", "cough", "runny nose") });
    expect(gains.question?.finding).not.toBe("cough");
    const nothing = await open().respond({ text: "Hello" });
    expect(nothing).toMatchObject({ status: "declined", findings: [] });
    expect(["fever", "rash", "runny nose"]).toContain(nothing.question!.finding);
    expect(nothing.cautions).toHaveLength(1);
  });

  it("reads findings from what is said, and goes on with the conversation", async () => {
    const first = await open().respond({ text: "My son has a high fever, no cough." });
    expect(first.findings).toEqual([
      { name: "fever", state: "present", turn: 0 },
      { name: "cough", state: "absent", turn: 0 },
    ]);
    expect(first.dialogue.at(-1)).toEqual({ role: "doctor", text: "Is there rash?", asks: "rash" });
    const second = await open().respond({ text: "Yes, since yesterday", dialogue: first.dialogue });
    expect(second.findings).toContainEqual({ name: "rash", state: "present", turn: 2 });
    expect(second).toMatchObject({ status: "answered", conditions: [{ name: "measles" }, {}, {}] });
    expect(second.conditions[0]!.for[0]).toMatchObject({ name: "rash", turn: 2 });
    const unsure = await open().respond({ text: "I don't know", dialogue: first.dialogue });
    expect(unsure.findings).toContainEqual({ name: "rash", state: "unknown", turn: 2 });
    expect(unsure.question?.finding).not.toBe("rash");
    const urgent = await open().respond({ text: "He has a fever and cannot breathe" });
    expect(urgent.emergencies.map(({ sign }) => sign)).toEqual(["breathing"]);
    expect(diagnosisEntry.show(urgent)).toMatch(/^! Trouble with breathing/);
  });

  it.each([
    [{}, /says nothing about a patient/],
    [{ findings: present("fevr") }, /did you mean fever/],
    [{ findings: present("xyzzy") }, /it knows cough, fever/],
    [{ findings: [...present("fever"), ...absent("fever")] }, /listed twice/],
    [{ findings: [{ name: "fever", state: "maybe" }] }, /findings\.0\.state/],
    [{ finding: [] }, /finding/],
    [{ timeline: { events: [{ category: "condition", system: "S", code: "C0", time: 0 }] } }, /reads findings/],
  ])("refuses %j", async (request, message) => {
    await expect(open().respond(request as never)).rejects.toThrow(message);
    await expect(open().respond(request as never)).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("opens a saved model with other words for its findings", async () => {
    const synonyms = join(folder, "synonyms.json");
    await model.save(join(folder, "model"));
    const settings = { model: join(folder, "model"), threshold: 0.75, conditions: 2, synonyms };
    await writeFile(synonyms, '{"rash":["spots"]}');
    const application = await diagnosisEntry.create(settings);
    const response = await application.respond({ text: "She has spots and a fever" });
    expect(response.conditions).toHaveLength(2);
    expect(response).toMatchObject({ status: "answered", conditions: [{ name: "measles" }, {}] });
    expect(diagnosisEntry.show(response)).toMatch(/Understood: .*rash present[^]*measles\n {4}for: rash/);
    await application.release();
    await writeFile(synonyms, '{"rush":["spots"]}');
    await expect(diagnosisEntry.create(settings)).rejects.toThrow(/did you mean rash/);
    await writeFile(synonyms, '{"rash":"spots"}');
    await expect(diagnosisEntry.create(settings)).rejects.toMatchObject({ code: "bad-file" });
  });
});

describe("diagnosis from text", () => {
  it("weighs the patient's sentences", async () => {
    const network = await textNetwork();
    const application = diagnose({ basis: basisOf(network) });
    const response = await application.respond({ text: "It began on day 3. Red spots everywhere. No pets." });
    expect(response).toMatchObject({ status: "answered", basis: "text", conditions: [{ name: "measles" }, {}, {}] });
    expect(response.conditions[0]!.for[0]).toMatchObject({ name: "Red spots everywhere.", turn: 0 });
    const short = await application.respond({ text: "my nose runs" });
    expect([short.conditions[0]!.name, short.cautions.length]).toEqual(["cold", 1]);
    await expect(application.respond({ findings: present("fever") })).rejects.toThrow(/reads text/);
    await expect(application.respond({ text: "?!" })).rejects.toThrow(/no text/);
    await application.release();
  }, 30_000);
});

describe("diagnosis from a timeline", () => {
  it("tells what comes next, day by day, and which visits drive it", async () => {
    const network = await timelineNetwork();
    const application = diagnose({ basis: basisOf(network) });
    const event = (code: number, visit: number) => ({ ...codes[code]!, time: 10 * visit, visit });
    const events = [event(3, 0), event(0, 1), event(4, 2)];
    const response = await application.respond({ timeline: { events, age: 9000 } });
    expect(response).toMatchObject({
      status: "answered",
      basis: "timeline",
      conditions: [{ name: "Condition 1" }, {}],
    });
    const [first] = response.conditions;
    expect(first!.for[0]).toMatchObject({ name: "Condition 0", from: 10, to: 10 });
    const course = first!.course!.map(({ probability }) => probability);
    expect(course).toHaveLength(3);
    expect(course[1]! - course[0]!).toBeGreaterThan(0.3);
    expect(course[2]).toBeCloseTo(first!.probability, 6);
    expect(diagnosisEntry.show(response)).toContain("over time: day 0");
    const strange = await application.respond({ timeline: { events: [...events, { ...event(3, 3), code: "Z" }] } });
    expect(strange.cautions).toEqual(["1 of 4 events have codes that the model does not know."]);
    const mixed = { timeline: { events: events.toReversed() } };
    await expect(application.respond(mixed)).rejects.toThrow(/not in the order of time.*events\.1/);
    await expect(application.respond({ text: "a fever" })).rejects.toThrow(/reads a timeline/);
    await application.release();
  }, 30_000);

  it("refuses models of other tasks and data", () => {
    expect(() => fromTimeline(model)).toThrow(/something else than a timeline/);
    expect(() => fromText(model)).toThrow(/something else than one text/);
    const other = { backbone: model.backbone, task: { ...model.task, name: "regression" } };
    expect(() => basisOf(other as unknown as Model)).toThrow(/one of the task regression/);
  });
});
