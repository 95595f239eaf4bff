import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { refuseLinks, VesaliusError, writeFileAtomic } from "vesalius";
import { addCounts, type Dataset, describeCounts, type FeedCounts, type Split } from "vesalius/data";
import { researchUseNotice } from "vesalius/evaluation";
import { type Answered, matchColumns, type Model, tableReadBy, withTable } from "vesalius/tasks";
import { answersTable } from "../answers-table.ts";
import { engine } from "../backend.ts";
import { sayCautions } from "../cautions.ts";
import { addModelDataOption, type ModelDataFlags, openInputsLikeModel } from "../model-data.ts";
import { hasHeadOf, overwriteOption, refuseExisting } from "../existing-files.ts";
import { openModel } from "../open-model.ts";
import { jsonOption, threadsOption, withExamples } from "../options.ts";
import { createOutput, type Output } from "../output.ts";
import { addDataOptions, openData, splitOf, splitOption } from "../sources.ts";
import { textsOfInput } from "../stdin.ts";

interface Flags extends ModelDataFlags {
  readonly split?: string;
  readonly table?: string;
  readonly lines?: true;
  readonly out?: string;
  readonly overwrite?: true;
  readonly print?: true;
  readonly json?: true;
  readonly threads?: number;
}

/** The input as a dataset: a file or folder in any layout that is read, or texts from standard input. */
async function openInput(input: string, flags: Flags, model: Model, output: Output): Promise<Dataset> {
  if (input === "-") return textsOfInput(flags.lines === true);
  const option = flags.lines === true ? { ...flags.option, per: "line" } : flags.option;
  return openInputsLikeModel(input, { ...flags, option }, model, output);
}

/** The splits to answer: the one that was asked for, or all. */
const splitsOf = (dataset: Dataset, split: string | undefined): Split[] =>
  split === undefined ? Object.values(dataset.splits) : [splitOf(dataset, split)];

/**
 * What brings a split into the form that a model reads, with the table that it searches where it searches one.
 *
 * @throws VesaliusError `bad-argument` where such a table is needed and not named
 */
async function fitting(model: Model, table: string | undefined): Promise<(split: Split) => Split> {
  if (table === undefined) {
    const read = tableReadBy(model);
    return (split) => {
      if (read === undefined || Object.hasOwn(split.columns, read.column)) return matchColumns(model, split);
      if (model.searched !== undefined) return matchColumns(model, withTable(model, split));
      throw new VesaliusError("bad-argument", "the model searches entries of a table, and none is named", {
        where: model.task.name,
        fix: "name the data that hold them with --table: those that the model was trained on, or others of the kind",
      });
    };
  }
  const tolerated = { allowMissingTrain: true, allowMissingClasses: true, leakage: "allow-identical" } as const;
  const { dataset } = await openData(table, { option: tolerated });
  return (split) => matchColumns(model, withTable(model, split, dataset));
}

/** Answers with what was read of the examples: texts that were cut, values that are missing. */
async function answersOf(
  model: Model,
  split: Split,
  threads: number | undefined,
): Promise<{ readonly answers: Answered[]; readonly counts: FeedCounts }> {
  const answers: Answered[] = [];
  const backend = await engine(threads);
  let counts: FeedCounts = {};
  const onCounts = (more: FeedCounts): void => void (counts = addCounts(counts, more));
  for await (const answered of model.predict(split, { backend, onCounts })) answers.push(answered);
  return { answers, counts };
}

async function* each(answers: readonly Answered[]): AsyncIterable<Answered> {
  for (const answered of answers) yield await Promise.resolve(answered);
}

/**
 * Writes the files of the field; of several splits, each has a folder.
 *
 * @throws VesaliusError `output-not-writable` before the first is written, where one would replace something else or lie
 * outside the folder
 */
async function writeAnswers(
  model: Model,
  { split, answers }: { readonly split: Split; readonly answers: readonly Answered[] },
  { out, folder, overwrite }: { readonly out: string; readonly folder: string; readonly overwrite: true | undefined },
): Promise<string[]> {
  // Made twice where files are there, so that all are looked at before one is written.
  if (existsSync(folder))
    for await (const { name, content } of model.task.files(each(answers), split)) {
      await refuseLinks(out, join(folder, name));
      await refuseExisting(join(folder, name), {
        flag: "--out",
        isOwn: hasHeadOf(content),
        overwrite,
      });
    }
  const written: string[] = [];
  for await (const { name, content } of model.task.files(each(answers), split)) {
    const path = join(folder, name);
    await writeFileAtomic(path, content);
    written.push(path);
  }
  return written;
}

/** The one text file of answers, for standard output. */
async function printedAnswers(model: Model, split: Split, answers: readonly Answered[]): Promise<string> {
  const files: string[] = [];
  for await (const { content } of model.task.files(each(answers), split)) {
    if (typeof content !== "string" || files.length > 0)
      throw new VesaliusError("bad-argument", `the task ${model.task.name} does not write one text file`, {
        fix: "write its files into a folder with --out",
      });
    files.push(content);
  }
  return files.join("");
}

export function predictCommand(): Command {
  const command = new Command("predict")
    .summary("answers of a model for new data")
    .description(
      "Answers for what a model has not seen, whatever its task: a file or a folder in any layout that a reader knows (docs/data.md), a single file of what the model reads, or texts piped in. " +
        "Prints a table, or writes the files that the field reads into --out.",
    )
    .argument("<model>", "folder of a saved model, in a run one of models/")
    .argument("<input>", "a file, a folder, or - for a text from standard input")
    .addOption(splitOption())
    .option(
      "--table <data>",
      "data with the entries that the model searches, such as passages; by default those that it keeps",
    )
    .option("--lines", "take each line of a text as an example of its own")
    .option("--out <folder>", "write the answers as files of the field into this folder")
    .addOption(overwriteOption())
    .addOption(
      new Option("--print", "print the file of the field (such as CSV) in place of a table").conflicts("json"),
    );
  addModelDataOption(addDataOptions(command))
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (folder: string, input: string, flags: Flags) => {
      const output = createOutput(flags.json === true);
      const model = await openModel(folder, output);
      const fit = await fitting(model, flags.table);
      const dataset = await openInput(input, flags, model, output);
      const splits = splitsOf(dataset, flags.split).map(fit);
      const cautions = sayCautions(dataset, splits, model, output);
      const predictions: { id: string; answer: unknown; declined?: string }[] = [];
      const files: string[] = [];
      const printed: string[] = [];
      let read: FeedCounts = {};
      for (const split of splits) {
        const { answers, counts } = await answersOf(model, split, flags.threads);
        read = addCounts(read, counts);
        for (const { id, answer, declined } of answers)
          predictions.push({
            id,
            answer: answer === null ? null : model.task.toJson(answer),
            ...(declined === undefined ? {} : { declined }),
          });
        if (flags.out !== undefined)
          files.push(
            ...(await writeAnswers(
              model,
              { split, answers },
              {
                out: flags.out,
                folder: splits.length === 1 ? flags.out : join(flags.out, split.name),
                overwrite: flags.overwrite,
              },
            )),
          );
        if (flags.print === true) printed.push(await printedAnswers(model, split, answers));
      }
      await model.release();
      output.note(researchUseNotice);
      for (const [part, text] of describeCounts(read)) output.note(`read as ${part}: ${text}`);
      const table = `${answersTable(predictions)}${files.map((file) => `\nwrote ${file}`).join("")}`;
      output.result(
        {
          notice: researchUseNotice,
          task: model.task.name,
          read,
          cautions,
          predictions,
          ...(files.length === 0 ? {} : { files }),
        },
        flags.print === true ? printed.join("") : table,
        flags.print === true,
      );
    });
  return withExamples(
    command,
    "vesalius predict runs/pneumonia/models/lora-seed1 film.png",
    "vesalius predict runs/pneumonia/models/lora-seed1 ./films --print > predictions.csv",
    "vesalius predict runs/hippocampus/models/scratch-seed1 scan.nii.gz --out masks",
    'echo "Cystic fibrosis runs in families." | vesalius predict runs/diseases/models/scratch-seed1 -',
    'echo "How is asthma treated?" | vesalius predict runs/questions/models/scratch-seed1 - --table ./data/medquad',
  );
}
