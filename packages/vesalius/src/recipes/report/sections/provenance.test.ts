import { expect, it } from "vitest";
import { environmentSection } from "./provenance.ts";

type Ran = Parameters<typeof environmentSection>[0];

const environment: Ran["environment"] = {
  vesalius: "0.1.0",
  node: "20.19.0",
  engine: { name: "node-cpu", version: "1.30.0" },
  threads: 2,
  cpu: "processor",
  cores: 2,
  memoryGiB: 4,
  system: "Linux",
  architecture: "x64",
};
const stage = (name: string, threads: readonly number[] | undefined) =>
  ({ stage: name, threads }) as unknown as Ran["stages"][number];

it("names stages that worked with other threads than the last session, and says nothing otherwise", () => {
  const stages = [stage("pretraining", [1, 2]), stage("adaptation/lora-seed1", [2]), stage("of before", undefined)];
  const [section] = environmentSection({ environment, stages });
  expect(JSON.stringify(section)).toContain('["Other threads","pretraining: 1, then 2"]');
  expect(JSON.stringify(environmentSection({ environment, stages: stages.slice(1) }))).not.toContain("Other threads");
});
