import { VesaliusError } from "../../../common/errors.ts";
import { textsColumn } from "../../../data/index.ts";
import type { ClassificationAnswer } from "../../../evaluation/index.ts";
import { type Model, roleParts } from "../../../tasks/index.ts";
import { askedSplit } from "../../asked-split.ts";
import type { CheckedRequest, DiagnosisBasis } from "./basis.ts";
import { rankConditions } from "./evidence.ts";

/** Sentences that are left out in turn, the last ones. */
const mostSentences = 50;

interface Sentence {
  readonly text: string;
  readonly turn: number;
}

/** Sentences of the turns, in English and Chinese. */
const sentencesOf = (dialogue: CheckedRequest["dialogue"]): Sentence[] =>
  dialogue.flatMap(({ text, role }, turn) =>
    role === "doctor"
      ? []
      : text
          .split(/(?<=[。！？；\n])|(?<=[.!?;])\s+/u)
          .map((sentence) => sentence.trim())
          .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
          .map((sentence) => ({ text: sentence, turn })),
  );

/**
 * Diagnosis from the patient's own words: evidence by leaving each sentence out. A model of text does not say which finding
 * to ask for.
 *
 * @param model of the task classification that reads texts
 * @throws VesaliusError `bad-argument` for a model that reads anything else
 */
export function fromText(model: Model<ClassificationAnswer>): DiagnosisBasis {
  const parts = Object.values(roleParts(model.backbone));
  const [part] = parts;
  if (parts.length !== 1 || part!.encoder.name !== "tokens" || part!.columns.length !== 1)
    throw new VesaliusError("bad-argument", "the model reads something else than one text", {
      where: "model",
      fix: "name a model of classification that reads one column of texts",
    });
  const column = part!.columns[0]!;
  return {
    kind: "text",
    async assess(request, most) {
      const wrong = request.timeline !== undefined ? "timeline" : request.findings.length > 0 ? "findings" : undefined;
      if (wrong !== undefined)
        throw new VesaliusError("bad-argument", `the model reads text, and the request has ${wrong}`, {
          where: wrong,
          fix: `name a model of ${wrong}, or give the patient's words`,
        });
      const sentences = sentencesOf(request.dialogue);
      if (sentences.length === 0)
        throw new VesaliusError("bad-argument", "the patient's words hold no text", {
          where: "dialogue",
          fix: "give at least one turn of the patient with words",
        });
      const left = sentences.length < 2 ? [] : sentences.map((_, i) => i).slice(-mostSentences);
      const texts = [-1, ...left].map((out) =>
        sentences
          .filter((_, i) => i !== out)
          .map(({ text }) => text)
          .join(" "),
      );
      const split = askedSplit("patient", { [column]: textsColumn(texts) });
      const answers: ArrayLike<number>[] = [];
      let cut = 0;
      const onCounts = (counts: Readonly<Record<string, Readonly<Record<string, number>>>>): void => {
        for (const of of Object.values(counts)) cut += of["truncatedTokens"] ?? 0;
      };
      for await (const { answer } of model.predict(split, { onCounts })) answers.push(answer!.probabilities);
      const [now, ...without] = answers as [ArrayLike<number>, ...ArrayLike<number>[]];
      return {
        conditions: rankConditions(
          model.task.classes!.names,
          now,
          left.map((at, i) => ({
            part: { name: sentences[at]!.text, turn: sentences[at]!.turn },
            probabilities: without[i]!,
          })),
          most,
        ),
        findings: [],
        missing: [],
        cautions: [
          ...(sentences.length < 2 ? ["A single sentence cannot be weighed against others."] : []),
          ...(sentences.length > mostSentences
            ? [`Of ${sentences.length} sentences the last ${mostSentences} were weighed.`]
            : []),
          ...(cut > 0 ? ["The text is longer than the model reads, and was cut."] : []),
        ],
      };
    },
    release: () => model.release(),
  };
}
