import { VesaliusError } from "vesalius";
import { decodeModel } from "vesalius/adaptation";
import { addCounts, columnOf, describeCounts, type FeedCounts, type Split } from "vesalius/data";
import type { Backend } from "vesalius/runtime";
import { columnsReadBy, matchColumns, type Model } from "vesalius/tasks";
import { startEngine } from "./engine.ts";
import { messageOf } from "./failure.ts";
import type { PredictMessage, PredictReply, ShownAnswer, WantedInput } from "./predict-messages.ts";
import { readableKind } from "./readable-kind.ts";
import { readGiven } from "./read-columns.ts";

const reply = (message: PredictReply): void => postMessage(message);

/** The model that is open, and the engine that runs it. */
let open: { readonly model: Model; readonly backend: Backend; readonly inputs: readonly WantedInput[] } | undefined;

async function openModel(files: readonly File[]): Promise<void> {
  const find = (name: string): File | undefined => files.find((file) => file.name === name);
  const [config, model, weights] = ["config.json", "model.json", "model.safetensors"].map((name) => {
    const file = find(name);
    if (file !== undefined) return file;
    throw new VesaliusError("missing-file", `the folder is no saved model: ${name} is missing`, {
      fix: "pick the folder that model.save wrote, in a run one of models/",
    });
  }) as [File, File, File];
  reply({ kind: "stage", detail: "reading the model" });
  const fitted = await find("fitted.safetensors")?.arrayBuffer();
  const decoded = decodeModel(
    {
      config: await config.text(),
      model: await model.text(),
      weights: new Uint8Array(await weights.arrayBuffer()),
      fitted: fitted && new Uint8Array(fitted),
    },
    "the model",
  );
  const inputs = columnsReadBy(decoded);
  const unread = inputs.filter((input) => !input.optional && readableKind(input) === undefined);
  if (unread.length > 0)
    throw new VesaliusError(
      "bad-configuration",
      `the model reads ${unread.map(({ name, kinds }) => `${name} (${kinds.join(" or ")})`).join(", ")}, which this page does not`,
      { fix: "use vesalius predict on the command line" },
    );
  reply({ kind: "stage", detail: "starting the engine" });
  open = { model: decoded, backend: open?.backend ?? (await startEngine("wasm")), inputs };
  reply({
    kind: "opened",
    task: decoded.task.name,
    network: decoded.backbone.network.name,
    parameters: [...decoded.weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    inputs,
  });
}

/** The text that each answer points into, where the task reads one. */
const textsOf = (split: Split): readonly (string | undefined)[] =>
  split.columns["text"]?.kind === "texts" ? columnOf(split, "text", "texts").values : [];

async function answer(given: Extract<PredictMessage, { kind: "answer" }>["given"]): Promise<void> {
  if (open === undefined) throw new VesaliusError("bad-argument", "no model is open", { fix: "pick its folder first" });
  const { model, backend, inputs } = open;
  const began = performance.now();
  const split = matchColumns(model, await readGiven(inputs, given));
  const texts = textsOf(split);
  let counts: FeedCounts = {};
  const answers: ShownAnswer[] = [];
  const onCounts = (more: FeedCounts): void => void (counts = addCounts(counts, more));
  for await (const { id, answer: found } of model.predict(split, { backend, onCounts })) {
    const text = texts[answers.length];
    answers.push({
      id,
      answer: found === null ? null : model.task.toJson(found),
      ...(text === undefined ? {} : { text }),
    });
  }
  reply({ kind: "answered", answers, seconds: (performance.now() - began) / 1000, read: describeCounts(counts) });
}

addEventListener("message", ({ data }: MessageEvent<PredictMessage>) => {
  (data.kind === "open" ? openModel(data.files) : answer(data.given)).catch((error: unknown) =>
    reply({ kind: "failed", message: messageOf(error) }),
  );
});
