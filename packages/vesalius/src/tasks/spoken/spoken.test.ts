import { expect, it } from "vitest";
import { classification } from "../classification.ts";
import { generation } from "../generation/generation.ts";
import { multilabelClassification } from "../multilabel-classification.ts";
import { regression } from "../regression.ts";
import { tokenClassification } from "../token-classification.ts";
import { choiceIn } from "./spoken.ts";

it("hears which choice is meant, and that none is", () => {
  const choices = ["yes", "no", "maybe"];
  expect(choiceIn("Yes.", choices)).toBe(0);
  expect(choiceIn("The study says no such thing as yes. So the answer is: no", choices)).toBe(1);
  expect(choiceIn("(C) because nobody knows", choices)).toBe(2);
  expect(choiceIn("B", choices)).toBe(1);
  expect(choiceIn("Unknown, yesterday it was known.", choices)).toBe(-1);
  expect(choiceIn("It is not malignant", ["malignant", "not malignant"])).toBe(1);
  expect(choiceIn("答案是：高血压", ["糖尿病", "高血压"])).toBe(1);
  expect(choiceIn("", choices)).toBe(-1);
});

it("says and hears the answers of every task that speaks", () => {
  const classes = classification({ classes: ["yes", "no"] }).spoken!;
  expect(classes.say({ label: 1 })).toBe("no");
  expect(classes.say({ label: null })).toBeNull();
  expect(classes.hear("I say no", {})).toEqual({ probabilities: Float32Array.of(0, 1) });
  expect(classes.hear("Perhaps", {})).toBeNull();
  const labels = multilabelClassification({ labels: ["cough", "fever", "rash"] }).spoken!;
  expect(labels.say({ label: [1, 0, 1] })).toBe("cough, rash");
  expect(Array.from(labels.hear("Rash, cough.", {})!.probabilities)).toEqual([1, 0, 1]);
  expect(Array.from(labels.hear("none", {})!.probabilities)).toEqual([0, 0, 0]);
  expect(labels.hear("I cannot tell", {})).toBeNull();
  const number = regression({ targets: [{ name: "age", unit: "years", mean: 0, std: 1 }] }).spoken!;
  expect(number.hear("About 1,200.5 or rather −7,5", {})!.values[0]).toBe(-7.5);
  expect(number.hear("no idea", {})).toBeNull();
  const entities = tokenClassification({ types: ["Drug", "Disease"] }).spoken!;
  const text = "Aspirin for asthma; aspirin again, not aspirins.";
  const spans = [
    { start: 0, end: 7, type: "Drug" },
    { start: 12, end: 18, type: "Disease" },
  ];
  expect(entities.say({ text, spans })).toBe("Drug: Aspirin\nDisease: asthma");
  const heard = entities.hear("Drug: aspirin; paracetamol\nDisease: asthma", { text });
  expect(heard!.map(({ start, end, type }) => [start, end, type])).toEqual([
    [0, 7, "Drug"],
    [20, 27, "Drug"],
    [12, 18, "Disease"],
  ]);
  expect(entities.hear("none", { text })).toEqual([]);
  expect(entities.hear("I do not know", { text })).toBeNull();
  const writing = generation({ prompt: "{text}", column: "note" }).spoken!;
  expect(writing.hear(" A note. ", {})).toEqual({ text: "A note." });
  expect(writing.hear("  ", {})).toBeNull();
});
