import type { GivenInput, PredictMessage, PredictReply, WantedInput } from "./predict-messages.ts";
import { readableKind, type ReadableKind } from "./readable-kind.ts";
import { showAnswer } from "./show-answer.ts";

const find = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

const status = find("status");
const picker = find("model") as HTMLInputElement;
const form = find("question") as HTMLFormElement;
const send = find("answer") as HTMLButtonElement;

let worker: Worker | undefined;
let inputs: readonly WantedInput[] = [];

function say(text: string, failed = false): void {
  status.textContent = text;
  status.classList.toggle("failed", failed);
}

const hints: Readonly<
  Record<ReadableKind, { readonly hint: string; readonly accept: string; readonly typed: boolean }>
> = {
  texts: { hint: "a text of any length", accept: ".txt,.md", typed: true },
  sequences: { hint: "letters, or FASTA with several sequences", accept: ".fa,.fasta,.faa,.fna,.txt", typed: true },
  molecules: { hint: "SMILES, one a line", accept: ".smi,.txt", typed: true },
  images: { hint: "one or several image files of one size", accept: "image/*", typed: false },
  volumes: { hint: "NIfTI files", accept: ".nii,.gz", typed: false },
};

const labelled = (text: string, hint: string, control: HTMLElement): HTMLElement => {
  const label = document.createElement("label");
  const small = document.createElement("small");
  small.textContent = hint;
  label.append(text, small, control);
  return label;
};

/** The fields of one column: a place to type in where it can be typed, and a picker of files, onto which they can be dropped. */
function fieldsOf(input: WantedInput): HTMLElement[] {
  const { name, optional } = input;
  const kind = readableKind(input);
  if (kind === undefined) return [];
  const { hint, accept, typed } = hints[kind];
  const title = `${name}${optional ? " (may be left empty)" : ""}`;
  const files = document.createElement("input");
  Object.assign(files, {
    type: "file",
    accept,
    multiple: kind === "images" || kind === "volumes",
    name: `file:${name}`,
  });
  if (!typed) return [labelled(title, hint, files)];
  const area = document.createElement("textarea");
  Object.assign(area, { name: `text:${name}`, rows: 6, spellcheck: false });
  return [labelled(title, hint, area), labelled(`${name} from a file`, accept.replaceAll(",", ", "), files)];
}

/** What was typed or picked for each column; files win. */
function given(): Record<string, GivenInput> {
  const entries = inputs.flatMap(({ name }): [string, GivenInput][] => {
    const named = (kind: string): string => `[name="${CSS.escape(`${kind}:${name}`)}"]`;
    const files = [...(form.querySelector<HTMLInputElement>(named("file"))?.files ?? [])];
    if (files.length > 0) return [[name, { files }]];
    const text = form.querySelector<HTMLTextAreaElement>(named("text"))?.value ?? "";
    return text.trim() === "" ? [] : [[name, { text }]];
  });
  return Object.fromEntries(entries);
}

function receive(message: PredictReply): void {
  switch (message.kind) {
    case "stage":
      say(`${message.detail}…`);
      return;
    case "opened": {
      inputs = message.inputs;
      find("inputs").replaceChildren(...inputs.flatMap(fieldsOf));
      find("about").textContent =
        `${message.task} with ${message.network}, ${message.parameters.toLocaleString("en")} parameters`;
      form.hidden = false;
      send.disabled = false;
      say("The model is open.");
      return;
    }
    case "answered": {
      const { answers, seconds, read } = message;
      find("answers").replaceChildren(...answers.map(showAnswer));
      find("read").textContent = read.map(([part, text]) => `Read as ${part}: ${text}.`).join(" ");
      find("results").hidden = false;
      send.disabled = false;
      say(`Answered in ${seconds.toFixed(1)} s.`);
      return;
    }
    case "failed":
      send.disabled = false;
      say(message.message, true);
  }
}

function post(message: PredictMessage): void {
  if (worker === undefined) {
    worker = new Worker(new URL("./predict-worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<PredictReply>) => receive(data));
    worker.addEventListener("error", (failure) => say(failure.message || "The worker could not be started.", true));
  }
  // A worker takes no target origin, unlike a window.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(message);
}

picker.addEventListener("change", () => {
  const files = [...(picker.files ?? [])];
  if (files.length === 0) return;
  form.hidden = true;
  find("results").hidden = true;
  post({ kind: "open", files });
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  find("results").hidden = true;
  send.disabled = true;
  say("Answering…");
  post({ kind: "answer", given: given() });
});
