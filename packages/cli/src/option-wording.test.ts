import { expect, test } from "vitest";
import { optionWording } from "./option-wording.ts";
import { createProgram } from "./program.ts";

const { commands } = createProgram("0");
const say = (command: string, name: string, value?: string): string =>
  optionWording(commands.find((one) => one.name() === command))(name, value);

test("a command names its own flags, the general one, or the key of a recipe", () => {
  for (const command of ["data", "plan", "adapt", "pretrain"]) {
    expect(say(command, "split", "80/10/10")).toBe("--split 80/10/10");
    expect(say(command, "groupColumn")).toBe("--group");
    expect(say(command, "allowMissingClasses", "true")).toBe("--option allowMissingClasses=true");
  }
  expect(say("data", "allowMissingTrain", "true")).toBe("--allow-missing-train");
  expect(say("adapt", "allowMissingTrain", "true")).toBe("--option allowMissingTrain=true");
  // There --split chooses a part of the data.
  expect(say("evaluate", "split", "80/20")).toBe("--option split=80/20");
  expect(say("predict", "target")).toBe("--option target=...");
  expect([say("run", "data"), say("run", "out"), say("run", "followLinks", "true")]).toEqual([
    "--data",
    "--out",
    "--follow-links",
  ]);
  expect(say("adapt", "data")).toBe("the arguments of adapt");
  expect(say("run", "split", "80/20")).toBe("the key split: 80/20 of the dataset in the recipe");
});
