import { expect, test } from "vitest";
import { z } from "zod";
import { catalogue, entry } from "../common/catalogue.ts";
import { createTask } from "./create-task.ts";
import { inferences } from "./inference/index.ts";
import { onePass } from "./inference/one-pass.ts";
import { type Task, taskEntry } from "./task.ts";

const counting = taskEntry({
  name: "counting",
  summary: "Counts.",
  settings: z.strictObject({ upTo: z.int() }),
  create: (settings) => ({ name: "counting", settings, inference: onePass }) as unknown as Task,
});
const twice = entry({
  name: "twice",
  summary: "Every example twice.",
  settings: z.strictObject({ shift: z.number().default(1) }),
  create: () => ({ ...onePass, name: "twice" }),
});
const catalogues = { tasks: catalogue("task", [counting]), inferences: inferences.with(twice) };

test("makes a task that runs in its own way", () => {
  const task = createTask({ name: "counting", upTo: 3 }, catalogues);
  expect(task.settings).toEqual({ upTo: 3 });
  expect(task.inference.name).toBe("onePass");
});

test("makes a task that runs in another way, and is rebuilt the same from its settings", () => {
  const task = createTask({ name: "counting", upTo: 3, inference: { name: "twice" } }, catalogues);
  expect(task.inference.name).toBe("twice");
  expect(task.settings).toEqual({ upTo: 3, inference: { name: "twice", shift: 1 } });
  const again = createTask({ name: task.name, ...task.settings }, catalogues);
  expect(again.settings).toEqual(task.settings);
});

test("refuses names and settings that nothing has", () => {
  expect(() => createTask({ name: "adding" }, catalogues)).toThrow(/no task called adding/);
  expect(() => createTask({ name: "counting" }, catalogues)).toThrow(/upTo/);
  const spec = { name: "counting", upTo: 3, inference: { name: "thrice" } };
  expect(() => createTask(spec, catalogues)).toThrow(/inference of the task counting/);
});
