import type { WorkerMessage } from "./messages.ts";

type Result = Extract<WorkerMessage, { kind: "done" }>;

const find = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

/** Addresses of the files of the last result, which stay alive until the next one. */
let addresses: string[] = [];

function entry(term: string, description: string): HTMLElement {
  const group = document.createElement("div");
  const [name, value] = [document.createElement("dt"), document.createElement("dd")];
  name.textContent = term;
  value.textContent = description;
  group.append(name, value);
  return group;
}

function downloadLink(name: string, content: Uint8Array | string): HTMLAnchorElement {
  // A copy in plain memory: the engine's may be shared between threads, which files may not be made of.
  const address = URL.createObjectURL(new Blob([typeof content === "string" ? content : new Uint8Array(content)]));
  addresses.push(address);
  const link = document.createElement("a");
  link.className = "download";
  link.href = address;
  link.download = name;
  link.textContent = `Save ${name}`;
  return link;
}

/** Shows figures and offers the adapter for download. */
export function showResult({ rocAuc, accuracy, trainedParameters, evaluatedImages, split, files }: Result): void {
  const interval = rocAuc && `${rocAuc.value.toFixed(3)} (${rocAuc.lower.toFixed(3)}–${rocAuc.upper.toFixed(3)})`;
  find("figures").replaceChildren(
    entry("ROC AUC (95% interval)", interval ?? "not defined"),
    entry("Accuracy", accuracy === undefined ? "not defined" : `${(100 * accuracy).toFixed(1)}%`),
    entry("Trained parameters", trainedParameters.toLocaleString("en")),
  );
  find("result-note").textContent =
    `From ${evaluatedImages} images of the ${split} split, which took no part in training. ` +
    "A small model after a short training: see it as a demonstration.";
  for (const address of addresses) URL.revokeObjectURL(address);
  addresses = [];
  find("downloads").replaceChildren(...[...files].map(([name, content]) => downloadLink(name, content)));
  find("results").hidden = false;
}
