import { VesaliusError } from "../../../common/errors.ts";
import { type FeedCounts, type Message, textsColumn } from "../../../data/index.ts";
import type { WrittenText } from "../../../evaluation/index.ts";
import type { ChatModel } from "../../../generation/index.ts";
import { columnsReadBy, type Model } from "../../../tasks/index.ts";
import { askedSplit } from "../../asked-split.ts";
import { linesOf } from "./sections.ts";
import type { SectionDraft, SectionWriter } from "./writer.ts";

const saidIn = ({ source, exchanges }: SectionDraft): string =>
  linesOf(source, [...new Set(exchanges.flatMap(({ items }) => items))]);

/**
 * Writes by a model that was adapted to the task generation on conversations and notes; a column that is named after the
 * section gets its title, the other one what was said.
 *
 * @throws VesaliusError `bad-argument` for a model of another task, or one that reads other things than texts
 */
export function modelWriter(model: Model): SectionWriter {
  const read = columnsReadBy(model);
  if (model.task.name !== "generation" || read.some(({ kinds }) => !kinds.includes("texts")))
    throw new VesaliusError("bad-argument", `the model does ${model.task.name} and writes no notes`, {
      where: "model",
      fix: "give a model of the task generation, such as one of the recipe note-generation",
    });
  return {
    name: "model",
    async write(draft, { signal } = {}) {
      const said = saidIn(draft);
      const title = draft.section.title ?? draft.section.name;
      const split = askedSplit(
        "note",
        Object.fromEntries(
          read.map(({ name }) => [name, textsColumn([/section|header|title/i.test(name) ? title : said])]),
        ),
      );
      let counts: FeedCounts | undefined;
      const options = {
        onCounts: (found: FeedCounts) => void (counts = found),
        ...(signal === undefined ? {} : { signal }),
      };
      for await (const { answer } of model.predict(split, options)) {
        const written = answer as WrittenText | null;
        const cautions = [
          ...(isCut(counts) ? [`${title}: what was said is longer than the model reads, its end was not read`] : []),
          ...(written?.finished === false ? [`${title}: the text was cut off for want of room`] : []),
        ];
        return { text: written?.text ?? "", cautions };
      }
      return { text: "" };
    },
    release: () => model.release(),
  };
}

/** Whether an encoder cut what was said. */
const isCut = (counts: FeedCounts | undefined): boolean =>
  Object.values(counts ?? {}).some(
    ({ shortenedPrompts = 0, truncatedTexts = 0 }) => shortenedPrompts + truncatedTexts > 0,
  );

const system =
  "You write sections of clinical notes. Use only what the source says: no finding, number, dose or date that it does not state, " +
  "nothing from general knowledge. Keep negations. Write short sentences in the third person, without headings and lists. " +
  "Write nothing but the section.";

/** What a language model is asked for a section. */
function promptOf(draft: SectionDraft): Message[] {
  const { title, name, instruction } = draft.section;
  const kinds = new Set(draft.source.map(({ kind }) => kind));
  const what = kinds.size === 1 && kinds.has("turn") ? "Conversation" : "Source";
  const asked = `Write the section "${title ?? name}"${instruction === undefined ? "" : ` (${instruction})`}.`;
  return [
    { role: "system", content: system },
    { role: "user", content: `${what}:\n${saidIn(draft)}\n\n${asked}` },
  ];
}

/** Thinking that a model writes before its answer. */
const thought = /^\s*<think>[\s\S]*?<\/think>\s*/;

/**
 * Writes nothing, and gives what a language model would be asked: to look at before anything is sent to a service.
 */
export const previewWriter: SectionWriter = {
  name: "preview",
  write: async (draft) => ({ text: "", prompt: promptOf(draft) }),
  release: async () => {},
};

/**
 * Writes by a language model that is spoken to: one of ours, a GGUF file or a service that the user names.
 *
 * @param maximumTokens of a section
 */
export function chatWriter(chat: ChatModel, maximumTokens = 400): SectionWriter {
  return {
    name: chat.name,
    async write(draft, { signal } = {}) {
      const prompt = promptOf(draft);
      const { text, finish } = await chat.complete(prompt, {
        maximumTokens,
        ...(signal === undefined ? {} : { signal }),
      });
      const { title, name } = draft.section;
      return {
        text: text.replace(thought, ""),
        prompt,
        cautions: finish === "length" ? [`${title ?? name}: the text was cut off for want of room`] : [],
      };
    },
    release: () => chat.release(),
  };
}
