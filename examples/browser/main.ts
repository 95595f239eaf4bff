import { drawLosses } from "./loss-plot.ts";
import { settingsSchema, type StartMessage, type WorkerMessage } from "./messages.ts";
import { showResult } from "./result.ts";

const find = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!;

const form = find("settings") as HTMLFormElement;
const [start, stop] = [find("start") as HTMLButtonElement, find("stop") as HTMLButtonElement];
const status = find("status");
const progress = find("progress") as HTMLProgressElement;
const plot = document.querySelector<SVGElement>("#plot")!;

/** Losses of the stages that train. */
const curves = {
  pretraining: { name: "without labels", className: "pretraining", losses: [] as number[], totalSteps: 1 },
  adapting: { name: "with labels", className: "adapting", losses: [] as number[], totalSteps: 1 },
};

const stages = {
  loading: "Getting ready",
  pretraining: "Step 1 of 3: learning without labels",
  adapting: "Step 2 of 3: learning the labels",
  evaluating: "Step 3 of 3: evaluating on images that were not trained on",
};

let worker: Worker | undefined;

function chosen(name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === "string" ? value : "";
}

/** Shows the fields of the source that is chosen. */
function showSource(): void {
  const own = chosen("source") === "files";
  find("own-files").hidden = !own;
  find("count").hidden = own;
}

function say(text: string, failed = false): void {
  status.textContent = text;
  status.classList.toggle("failed", failed);
}

function finish(): void {
  worker?.terminate();
  worker = undefined;
  start.disabled = false;
  stop.disabled = true;
  find("left").textContent = "";
}

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;

let drawing = false;
/** Draws at most once a frame, however fast steps come. */
function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    drawLosses(plot, Object.values(curves));
  });
}

function receive(message: WorkerMessage): void {
  switch (message.kind) {
    case "stage":
      say(`${stages[message.stage]}: ${message.detail}.`);
      progress.value = 0;
      return;
    case "progress": {
      const { stage, step, totalSteps, loss, secondsLeft } = message;
      curves[stage].losses.push(loss);
      curves[stage].totalSteps = totalSteps;
      progress.value = step / totalSteps;
      find("left").textContent = duration(secondsLeft);
      find(`${stage}-loss`).textContent = loss.toFixed(3);
      draw();
      return;
    }
    case "done":
      showResult(message);
      say(`Done in ${Math.round(message.seconds)} s on ${message.backend}.`);
      progress.value = 1;
      finish();
      return;
    case "failed":
      say(message.message, true);
      finish();
  }
}

/** Files of the two pickers; the archive wins. */
function pickedFiles(): StartMessage["files"] {
  const [archive, folder] = ["archive", "folder"].map((id) => [...((find(id) as HTMLInputElement).files ?? [])]);
  const files = archive!.length > 0 ? archive! : folder!;
  return files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const number = (name: string): number => Number(chosen(name));
  const parsed = settingsSchema.safeParse({
    provider: chosen("provider"),
    source: chosen("source"),
    images: number("images"),
    pretrainingEpochs: number("pretrainingEpochs"),
    adaptationEpochs: number("adaptationEpochs"),
    rank: number("rank"),
  });
  if (!parsed.success) {
    say("One of the numbers is out of range.", true);
    return;
  }
  const files = parsed.data.source === "files" ? pickedFiles() : [];
  if (parsed.data.source === "files" && files.length === 0) {
    say("Pick an archive or a folder first.", true);
    return;
  }
  for (const curve of Object.values(curves)) curve.losses.length = 0;
  find("results").hidden = true;
  start.disabled = true;
  stop.disabled = false;
  worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => receive(data));
  worker.addEventListener("error", (failure) => {
    say(failure.message || "The worker could not be started.", true);
    finish();
  });
  const message: StartMessage = { settings: parsed.data, files };
  // A worker takes no target origin, unlike a window.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(message);
});

stop.addEventListener("click", () => {
  finish();
  say("Stopped.");
  start.focus();
});

form.addEventListener("change", showSource);
showSource();
drawLosses(plot, Object.values(curves));
if (!("gpu" in navigator)) {
  find("gpu-note").textContent = "this browser has no WebGPU";
  form.querySelector<HTMLInputElement>("input[value=webgpu]")!.disabled = true;
}
