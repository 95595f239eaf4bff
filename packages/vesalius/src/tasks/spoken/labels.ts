import type { FoundEntity } from "../token-classification.ts";
import type { Span } from "../../data/index.ts";
import type { Spoken } from "./spoken.ts";

const nothing = "none";
const parts = (text: string): string[] =>
  text
    .split(/[,;\n]|(?<=\p{Script=Han})、/u)
    .map((part) => part.trim().replace(/^[-*\d.)\s]+|[.\s]+$/g, ""))
    .filter((part) => part !== "");

/** Several labels put into words: those that hold, parted by commas. */
export function spokenLabels<Answer>(
  column: string,
  labels: readonly string[],
  answer: (probabilities: Float32Array) => Answer,
): Spoken<Answer> {
  return {
    question: `Which of these hold: ${labels.join(", ")}? List them, parted by commas, or say "${nothing}".`,
    hear(text) {
      const said = new Set(parts(text.toLowerCase()));
      const known = labels.map((label) => said.has(label.toLowerCase()));
      // Words that are none of the labels answer something else.
      if (!known.includes(true) && !said.has(nothing)) return null;
      return answer(Float32Array.from(known, (holds) => (holds ? 1 : 0)));
    },
    say(example) {
      const values = example[column] as ArrayLike<number> | null;
      if (values === null) return null;
      return labels.filter((_, i) => values[i] === 1).join(", ") || nothing;
    },
  };
}

/** A number put into words. */
export function spokenNumber<Answer>(
  column: string,
  target: { readonly name: string; readonly unit?: string | undefined },
  answer: (value: number) => Answer,
): Spoken<Answer> {
  const unit = target.unit === undefined ? "" : ` in ${target.unit}`;
  return {
    question: `What is ${target.name}${unit}? Answer with a number.`,
    hear(text) {
      const found = text.match(/[-−+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?/giu)?.at(-1);
      const value =
        found === undefined
          ? NaN
          : Number(
              found
                .replace("−", "-")
                .replace(/,(?=\d{3}\b)/g, "")
                .replace(",", "."),
            );
      return Number.isFinite(value) ? answer(value) : null;
    },
    say(example) {
      const value = (example[column] as ArrayLike<number> | null)?.[0];
      return value === undefined || Number.isNaN(value) ? null : String(value);
    },
  };
}

/** Every place at which a piece stands in a text, upper and lower case alike, as a whole word. */
function placesOf(text: string, piece: string): number[] {
  const [whole, wanted] = [text.toLowerCase(), piece.toLowerCase()];
  const places: number[] = [];
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
    const [before, after] = [whole[at - 1] ?? " ", whole[at + wanted.length] ?? " "];
    const inside = /[\p{L}\p{N}]/u;
    const ideographs = /\p{Script=Han}/u.test(wanted);
    if (ideographs || !(inside.test(before) || inside.test(after))) places.push(at);
  }
  return places;
}

/** Entities put into words: a line for each type, the pieces of the text behind it. */
export function spokenEntities(
  column: string,
  textColumn: string,
  types: readonly string[],
): Spoken<readonly FoundEntity[]> {
  return {
    question: `List the entities as they stand in the text, a line for each of ${types.join(", ")}: "${types[0]}: first; second". Say "${nothing}" where there are none.`,
    hear(answer, example) {
      const text = example[textColumn] as string;
      const lines = types.map((type) => {
        const start = answer.toLowerCase().lastIndexOf(`${type.toLowerCase()}:`);
        return { type, said: start < 0 ? undefined : answer.slice(start + type.length + 1).split("\n")[0]! };
      });
      if (lines.every(({ said }) => said === undefined))
        return answer.trim().toLowerCase().startsWith(nothing) ? [] : null;
      return lines.flatMap(({ type, said = "" }) =>
        [...new Set(said.split(";").map((piece) => piece.trim()))]
          .filter((piece) => piece !== "" && piece.toLowerCase() !== nothing)
          .flatMap((piece) =>
            placesOf(text, piece).map((start): FoundEntity => {
              const end = start + piece.length;
              return { start, end, type, text: text.slice(start, end), probability: 1 };
            }),
          ),
      );
    },
    say(example) {
      const spans = example[column] as readonly Span[] | null;
      const text = example[textColumn] as string;
      if (spans === null) return null;
      return types
        .map((type) => {
          const found = spans.filter((span) => span.type === type).map(({ start, end }) => text.slice(start, end));
          return `${type}: ${[...new Set(found)].join("; ") || nothing}`;
        })
        .join("\n");
    },
  };
}
