import { VesaliusError } from "../../../common/errors.ts";
import { categoriesColumn } from "../../../data/index.ts";
import type { ClassificationAnswer } from "../../../evaluation/index.ts";
import { type Model, roleParts } from "../../../tasks/index.ts";
import { askedSplit } from "../../asked-split.ts";

/** Findings that are known: true where one is present, false where it is absent. */
export type Known = ReadonlyMap<string, boolean>;

/** Probabilities of conditions from findings, of which any may be unknown. */
export interface FindingsModel {
  /** Findings that it reads. */
  readonly findings: readonly string[];
  readonly conditions: readonly string[];
  /** @returns one array for each case, `[conditions]`, with the sum 1 */
  probabilities(cases: readonly Known[]): Promise<readonly Float32Array[]>;
  release(): Promise<void>;
}

const presentWords = new Set(["true", "yes", "1", "present", "有", "是"]);
const absentWords = new Set(["false", "no", "0", "absent", "无", "没有", "否"]);

/** Levels of a category as present and absent; undefined for one that is no finding. */
function statesOf(levels: readonly string[]): { present: string; absent: string } | undefined {
  const find = (words: ReadonlySet<string>) => levels.find((level) => words.has(level.toLowerCase()));
  const [present, absent] = [find(presentWords), find(absentWords)];
  if ([present, absent].filter((level) => level !== undefined).length !== levels.length) return undefined;
  // A level that no training example has is read as unknown, whatever it is called.
  return { present: present ?? "present", absent: absent ?? "absent" };
}

/** What a classification of records reads, where that is findings alone. */
export function findingsOf(
  model: Model<ClassificationAnswer>,
): ReadonlyMap<string, { present: string; absent: string }> {
  const parts = Object.entries(roleParts(model.backbone));
  const numbers = parts.find(([, { encoder }]) => encoder.name === "numbers");
  const encoder = numbers?.[1].encoder as { names?: string[]; levels?: Record<string, string[]> } | undefined;
  const levels = Object.entries(encoder?.levels ?? {});
  const states = levels.flatMap(([name, own]) => {
    const found = statesOf(own);
    return found === undefined ? [] : [[name, found] as const];
  });
  const count = levels.reduce((sum, [, own]) => sum + own.length, 0);
  if (parts.length === 1 && states.length > 0 && states.length === levels.length && encoder?.names?.length === count)
    return new Map(states);
  throw new VesaliusError("bad-argument", "the model reads something else than findings that are present or absent", {
    where: "model",
    fix: "name a model of classification whose record is a column of categories with the levels true and false",
  });
}

/**
 * A classification of findings (a column of categories with the levels true and false) as what a diagnosis is made of.
 *
 * @throws VesaliusError `bad-argument` for a model that reads anything else
 */
export function findingsModel(model: Model<ClassificationAnswer>): FindingsModel {
  const states = findingsOf(model);
  const findings = [...states.keys()];
  const [part] = Object.values(roleParts(model.backbone));
  const column = part!.columns[0]!;
  const levels = [...states.values()].map(({ absent, present }) => [absent, present]);
  return {
    findings,
    conditions: model.task.classes!.names,
    async probabilities(cases) {
      const values = cases.flatMap((known) => findings.map((name) => (known.has(name) ? Number(known.get(name)) : -1)));
      const split = askedSplit("patient", { [column]: categoriesColumn(findings, levels, cases.length, values) });
      const answers: Float32Array[] = [];
      for await (const { answer } of model.predict(split)) answers.push(answer!.probabilities as Float32Array);
      return answers;
    },
    release: () => model.release(),
  };
}
