import type { ShownAnswer } from "./predict-messages.ts";

const element = (tag: string, className: string, ...children: (Node | string)[]): HTMLElement => {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
};

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const areNumbers = (value: unknown): value is Readonly<Record<string, number>> =>
  isRecord(value) && Object.values(value).every((one) => typeof one === "number");

/** Entropy of probabilities in that of a uniform distribution over as many: 0 is sure of one, 1 says nothing. */
export function uncertainty(probabilities: readonly number[]): number {
  const entropy = probabilities.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
  return probabilities.length < 2 ? 0 : entropy / Math.log(probabilities.length);
}

function bar(name: string, share: number): HTMLElement {
  const meter = document.createElement("meter");
  meter.max = 1;
  meter.value = share;
  meter.setAttribute("aria-label", name);
  return element("div", "probability", element("span", "name", name), meter, element("span", "share", percent(share)));
}

/** Probabilities of classes or labels, the highest first, and how sure they are. */
function showProbabilities(
  answer: Readonly<Record<string, unknown>>,
  shares: Readonly<Record<string, number>>,
): Node[] {
  const sorted = Object.entries(shares).sort(([, a], [, b]) => b - a);
  const values = sorted.map(([, share]) => share);
  const oneOfMany = typeof answer["class"] === "string";
  const labels = Array.isArray(answer["labels"]) ? answer["labels"].map(String) : [];
  const headline = oneOfMany ? String(answer["class"]) : labels.length === 0 ? "none of the labels" : labels.join(", ");
  const threshold = answer["threshold"];
  const note = oneOfMany
    ? `Uncertainty ${percent(uncertainty(values))}: 0% would be sure of one class, 100% would not tell them apart.` +
      (typeof threshold === "number" ? ` The positive class is answered from ${percent(threshold)} on.` : "")
    : "Each label by itself: 50% says least.";
  return [
    element("p", "headline", headline),
    ...sorted.map(([name, share]) => bar(name, share)),
    element("p", "note", note),
  ];
}

interface Entity {
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly probability: number;
}

const areEntities = (answer: unknown): answer is readonly Entity[] =>
  Array.isArray(answer) && answer.every((one) => isRecord(one) && typeof one["start"] === "number" && "type" in one);

/** A text with its entities marked, each with its type and probability. */
function showEntities(entities: readonly Entity[], text: string): Node[] {
  const pieces: (Node | string)[] = [];
  let at = 0;
  for (const { start, end, type, probability } of entities.toSorted((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, start));
    pieces.push(
      element("mark", "", text.slice(start, end), element("small", "type", `${type} ${percent(probability)}`)),
    );
    at = end;
  }
  const note = entities.length === 0 ? "Nothing was found." : "Beside each entity: its type and its probability.";
  return [element("p", "text", ...pieces, text.slice(at)), element("p", "note", note)];
}

/** Numbers in their units, with the deviation that the model expects. */
function showValues(answer: Readonly<Record<string, unknown>>): Node[] {
  return Object.entries(answer).map(([name, value]) => {
    if (!isRecord(value) || typeof value["value"] !== "number")
      return element("p", "", `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    const { value: number, deviation, unit = "" } = value as { value: number; deviation?: number; unit?: string };
    const spread = deviation === undefined ? ", without a deviation" : ` ± ${deviation.toPrecision(3)}`;
    return element("p", "headline", `${name}: ${number.toPrecision(4)}${spread} ${unit}`.trim());
  });
}

/** One answer for a person, whatever the task: by the form of its JSON. */
export function showAnswer({ id, answer, text }: ShownAnswer): HTMLElement {
  const shown = (): Node[] => {
    if (answer === null) return [element("p", "note", "No answer.")];
    if (isRecord(answer) && areNumbers(answer["probabilities"]))
      return showProbabilities(answer, answer["probabilities"]);
    if (areEntities(answer) && text !== undefined) return showEntities(answer, text);
    if (isRecord(answer)) return showValues(answer);
    return [element("pre", "", JSON.stringify(answer, null, 2))];
  };
  return element("article", "answer", element("h3", "", id), ...shown());
}
