/** Stages whose work is a word in a file, for tests of what carries them out. */
import type { RunEvent } from "./events.ts";
import { contentKey } from "./key.ts";
import type { Stage } from "./stage.ts";

/** A stage that writes its settings, and counts how often it worked. */
export function wordStage(name: string, decides: Readonly<Record<string, unknown>>) {
  const stage = {
    kind: "evaluation" as const,
    name,
    folder: `out/${name}`,
    decides,
    key: contentKey(["evaluation", decides]),
    unit: "words",
    worked: 0,
    async work({ write, evaluated }: Parameters<Stage["work"]>[0]) {
      stage.worked++;
      await write("word.txt", JSON.stringify(decides));
      await write("deep/er.txt", "more");
      evaluated(1, 1);
      return { seed: 1, method: "none", split: "validation", cases: 1, counts: {} };
    },
  };
  return stage;
}

/** Collects events. */
export function listener(): { readonly events: RunEvent[]; readonly onEvent: (event: RunEvent) => void } {
  const events: RunEvent[] = [];
  return { events, onEvent: (event) => events.push(event) };
}
