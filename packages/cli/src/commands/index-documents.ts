import { Command } from "commander";
import { addToIndex, documentsOf, fitSupport, PassageIndex, questionsOf } from "vesalius/applications";
import { jsonOption, positiveInteger, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { addDataOptions, dataHelp, type DataFlags, openData } from "../sources.ts";
import { formatPairs } from "../table.ts";

interface Flags extends DataFlags {
  readonly out: string;
  readonly text?: string;
  readonly title?: string;
  readonly source?: string;
  readonly date?: string;
  readonly url?: string;
  readonly words: number;
  readonly json?: true;
}

/** Questions that the decision to decline is fitted on: enough for five weights, few enough for a minute. */
const mostQuestions = 1000;

export function indexCommand(): Command {
  const command = new Command("index")
    .summary("make or extend an index of passages that answers are quoted from")
    .description(
      "Reads the documents of a dataset, cuts them into passages of whole sentences, and adds them to an index; a document with the identifier of an earlier one takes its place. Where the data hold questions with their documents, when to decline is fitted on those of the training split.",
    )
    .argument("<data>", dataHelp)
    .requiredOption("--out <folder>", "folder of the index; documents are added to one that is there")
    .option("--text <field>", "field with the words of a document; the longest texts without it")
    .option("--title <field>", "field with its title")
    .option("--source <field>", "field with who published it")
    .option("--date <field>", "field with when it was published or reviewed")
    .option("--url <field>", "field with its address")
    .option("--words <count>", "most words of a passage", positiveInteger, 120);
  addDataOptions(command)
    .addOption(jsonOption())
    .action(async (path: string, flags: Flags) => {
      const { out, text, title, source, date, url, words, json, ...how } = flags;
      const output = createOutput(json === true);
      const { dataset } = await openData(path, how, { allowMissingTrain: true, allowMissingClasses: true });
      for (const caution of dataset.card.cautions) output.note(`caution: ${caution}`);
      const fields = Object.fromEntries(
        Object.entries({ text, title, source, date, url }).filter(([, value]) => value !== undefined),
      );
      const documents = documentsOf(dataset, fields);
      const all = questionsOf(dataset.splits["train"]);
      const step = Math.max(1, Math.ceil(all.length / mostQuestions));
      const questions = all.filter((_, i) => i % step === 0);
      if (questions.length >= 20) output.note(`fitting when to decline on ${questions.length} questions`);
      const support = questions.length < 20 ? undefined : fitSupport(new PassageIndex(documents, words), questions);
      const counts = await addToIndex(out, documents, {
        longest: words,
        ...(support === undefined ? {} : { support }),
      });
      const result = { index: out, ...counts, questions: support?.questions ?? 0 };
      output.result(
        result,
        formatPairs([
          ["Index", out],
          ["New documents", String(counts.added)],
          ["Replaced", String(counts.replaced)],
          ["Passages", String(counts.passages)],
          [
            "Declines",
            support === undefined
              ? "as fitted on consumer health questions"
              : `fitted on ${support.questions} questions of the data`,
          ],
        ]),
      );
    });
  return withExamples(
    command,
    "vesalius index ./data/medquad --out ./health-index",
    "vesalius index ./guidelines --text clean_text --url url --out ./health-index",
  );
}
