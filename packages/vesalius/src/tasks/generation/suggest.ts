import type { Split } from "../../data/index.ts";
import type { TaskSuggestion } from "../task.ts";

/** Names of what is asked and of what is answered, in the formats of the field. */
const layouts: readonly { readonly asked: readonly string[]; readonly answer: string }[] = [
  { asked: ["instruction", "input"], answer: "output" },
  { asked: ["instruction"], answer: "output" },
  { asked: ["prompt"], answer: "completion" },
  { asked: ["prompt"], answer: "response" },
  { asked: ["document"], answer: "summary" },
  { asked: ["article"], answer: "highlights" },
];

/** Suggests writing where columns have the names of instructions, completions or summaries. */
export function suggestGeneration(train: Split): TaskSuggestion | undefined {
  const isText = (name: string): boolean => train.columns[name]?.kind === "texts";
  const found = layouts.find(({ asked, answer }) => [...asked, answer].every(isText));
  if (found === undefined) return undefined;
  return {
    settings: { column: found.answer, prompt: found.asked.map((name) => `{${name}}`).join("\n") },
    columns: [found.answer],
    reason: `the column ${found.answer} answers ${found.asked.join(" and ")}`,
    particularity: 2,
  };
}
