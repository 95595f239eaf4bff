import type { ReportSection } from "../../../report/index.ts";
import type { TrainedRecord } from "../../stages/records.ts";

/** A history of training under the name that it has in a legend. */
export interface NamedHistory {
  readonly name: string;
  readonly history: TrainedRecord["history"];
}

type Value = (line: TrainedRecord["history"][number]) => number | undefined;

function series(histories: readonly NamedHistory[], value: Value) {
  return histories.flatMap(({ name, history }) => {
    const points = history.flatMap((line) => {
      const y = value(line);
      return y === undefined || !Number.isFinite(y) ? [] : [{ x: line.step, y }];
    });
    return points.length === 0 ? [] : [{ name, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
  });
}

/** The name of a recorded value in words: `positiveCosine` as "Positive cosine". */
function inWords(term: string): string {
  const words = term.replaceAll(
    /(\p{Ll})(\p{Lu})/gu,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/**
 * Curves of a loss and of what was recorded beside it: parts of a sum, accuracies of a pretext, signs of collapse.
 *
 * @param phase what was trained: `adaptation`
 */
export function curveSections(phase: string, histories: readonly NamedHistory[], note?: string): ReportSection[] {
  const terms = [
    ...new Set(histories.flatMap(({ history }) => history.flatMap((line) => Object.keys(line.terms ?? {})))),
  ];
  const drawn = (yLabel: string, name: string, value: Value): ReportSection[] => {
    const lines = series(histories, value);
    if (lines.length === 0) return [];
    const width = terms.length === 0 ? "full" : "half";
    return [
      {
        kind: "lines",
        width,
        title: name,
        xLabel: "Step",
        yLabel,
        series: lines,
        ...(note === undefined ? {} : { note }),
      },
    ];
  };
  return [
    ...drawn("Loss", `Loss of ${phase}`, ({ loss }) => loss),
    ...terms.flatMap((term) => drawn(inWords(term), `${inWords(term)} in ${phase}`, (line) => line.terms?.[term])),
  ];
}

/** Names of settings as a reader knows them, values as the recipe writes them. */
export const settingsText = (settings: Readonly<Record<string, unknown>>): string =>
  Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
