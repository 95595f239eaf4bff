import { startEngine } from "./engine.ts";
import { messageOf } from "./failure.ts";
import { settingsSchema, type StartMessage, type WorkerMessage } from "./messages.ts";
import { trainInBrowser } from "./train-in-browser.ts";

const report = (message: WorkerMessage): void => postMessage(message);

async function run({ settings, files }: StartMessage): Promise<void> {
  const { provider } = settingsSchema.parse(settings);
  report({ kind: "stage", stage: "loading", detail: "starting the engine" });
  await trainInBrowser(settings, files, await startEngine(provider), report);
}

addEventListener("message", ({ data }: MessageEvent<StartMessage>) => {
  run(data).catch((error: unknown) => report({ kind: "failed", message: messageOf(error) }));
});
