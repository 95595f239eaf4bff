import { expect, test } from "vitest";
import { methods } from "./methods.ts";

const settings: Readonly<Record<string, object>> = {
  partialFineTuning: { parameters: ["*.bias"] },
  prompting: {
    columns: ["text"],
    strategy: { name: "medprompt", ensemble: 3 },
    model: { name: "folder", folder: "m" },
  },
};

test.each(methods.names)("%s is made from its name, with settings that make it again", (name) => {
  const spec = methods.parse({ name, ...settings[name] });
  const method = methods.create(spec);
  expect(method.name).toBe(name);
  const again = methods.create({ name, ...(method.settings as object) });
  expect(again.settings).toEqual(method.settings);
  if (method.answering === undefined) expect(method.defaults.learningRate).toBeGreaterThan(0);
});

test("settings reach the method", () => {
  const lora = methods.create({ name: "lora", rank: 3 });
  expect(lora.settings).toMatchObject({ rank: 3, dora: false });
  expect(() => methods.create({ name: "lora", rnk: 3 })).toThrow(/rnk/);
  expect(() => methods.create({ name: "partialFineTuning" })).toThrow(/parameters/);
});
